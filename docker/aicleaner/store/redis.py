"""Redis as a store.

Four commands do not need the official client, which would be most of the start time and of the image.
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
from .resp import ProtocolError, ReplyError, pack, read_reply

PREFIX = "aicleaner:"
FAILURES = (OSError, ProtocolError)


class RedisStore:
    """`password` wins over the one in the URL, so that a URL need not be a secret."""

    def __init__(self, url: str, password: str = "", timeout: float = 2.0) -> None:
        target = parse_url(url)
        self._target = replace(target, password=password or target.password)
        self._timeout = timeout
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._answers: BinaryIO | None = None

    def get(self, key: str) -> str | None:
        answer = self._ask("GET", PREFIX + key)
        return answer.decode() if isinstance(answer, bytes) else None

    def set(self, key: str, value: str, seconds: int) -> None:
        self._ask("SET", PREFIX + key, value, "EX", seconds)

    def delete(self, key: str) -> None:
        self._ask("DEL", PREFIX + key)

    def ping(self) -> None:
        self._ask("PING")

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _ask(self, *command: str | int) -> object:
        with self._lock:
            # Redis closes connections that were idle, and when it restarts: only a new one tells whether it is there.
            # All commands here may safely be given twice.
            attempts = 1 if self._socket is None else 2
            while True:
                attempts -= 1
                try:
                    return self._exchange(*command)
                except FAILURES as error:
                    self._drop()
                    if not attempts or isinstance(error, TimeoutError):
                        raise StoreError(str(error) or type(error).__name__) from error

    def _exchange(self, *command: str | int) -> object:
        if self._socket is None:
            self._connect()
        return self._send(*command)

    def _connect(self) -> None:
        target = self._target
        if target.path:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(self._timeout)
            self._socket.connect(target.path)
        else:
            self._socket = socket.create_connection((target.host, target.port), self._timeout)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if target.tls:
            self._socket = ssl.create_default_context().wrap_socket(self._socket, server_hostname=target.host)
        self._answers = self._socket.makefile("rb")
        if target.password:
            self._send("AUTH", *([target.user] if target.user else []), target.password)
        if target.database:
            self._send("SELECT", target.database)

    def _send(self, *command: str | int) -> object:
        assert self._socket is not None and self._answers is not None
        self._socket.sendall(pack(*command))
        try:
            return read_reply(self._answers)
        except ReplyError as error:
            # A refused login leaves a connection that is good for nothing.
            self._drop()
            raise StoreError(str(error)) from error

    def _drop(self) -> None:
        for open_end in (self._answers, self._socket):
            if open_end is not None:
                with suppress(OSError):
                    open_end.close()
        self._answers = self._socket = None
