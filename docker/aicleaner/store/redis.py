"""A store in Redis.

It uses four commands, so it does not need the official client, which would dominate start-up time and image size.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from threading import Lock
from typing import BinaryIO

from . import StoreError
from .address import parse_url
from .resp import ProtocolError, ReplyError, encode_command, read_reply

KEY_PREFIX = "aicleaner:"
CONNECTION_ERRORS = (OSError, ProtocolError)


class RedisStore:
    """`password` overrides the one in the URL, so that the URL does not have to be secret."""

    def __init__(self, url: str, password: str = "", timeout: float = 2.0) -> None:
        address = parse_url(url)
        self._address = replace(address, password=password or address.password)
        self._timeout = timeout
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._replies: BinaryIO | None = None

    def get(self, key: str) -> str | None:
        reply = self._execute("GET", KEY_PREFIX + key)
        return reply.decode() if isinstance(reply, bytes) else None

    def set(self, key: str, value: str, seconds: int) -> None:
        self._execute("SET", KEY_PREFIX + key, value, "EX", seconds)

    def delete(self, key: str) -> None:
        self._execute("DEL", KEY_PREFIX + key)

    def ping(self) -> None:
        self._execute("PING")

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    def _execute(self, *command: str | int) -> object:
        with self._lock:
            # Redis closes connections when they are idle or when it restarts, so retry on a new connection. All these
            # commands are idempotent.
            attempts = 1 if self._socket is None else 2
            while True:
                attempts -= 1
                try:
                    return self._attempt(*command)
                except CONNECTION_ERRORS as error:
                    self._disconnect()
                    if not attempts or isinstance(error, TimeoutError):
                        raise StoreError(str(error) or type(error).__name__) from error

    def _attempt(self, *command: str | int) -> object:
        if self._socket is None:
            self._connect()
        return self._send(*command)

    def _connect(self) -> None:
        address = self._address
        if address.path:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(self._timeout)
            self._socket.connect(address.path)
        else:
            self._socket = socket.create_connection((address.host, address.port), self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address.tls:
            self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=address.host)
        self._replies = self._socket.makefile("rb")
        if address.password:
            self._send("AUTH", *([address.user] if address.user else []), address.password)
        if address.database:
            self._send("SELECT", address.database)

    def _send(self, *command: str | int) -> object:
        assert self._socket is not None and self._replies is not None
        self._socket.sendall(encode_command(*command))
        try:
            return read_reply(self._replies)
        except ReplyError as error:
            # After a rejected login, the connection is unusable.
            self._disconnect()
            raise StoreError(str(error)) from error

    def _disconnect(self) -> None:
        for resource in (self._replies, self._socket):
            if resource is not None:
                with suppress(OSError):
                    resource.close()
        self._replies = self._socket = None
