"""Parses the URL of a Redis server."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class RedisAddress:
    """Address of a Redis server: TCP (`host`, `port`), optionally with `tls`, or a Unix socket (`path`)."""

    host: str = "localhost"
    port: int = 6379
    tls: bool = False
    path: str = ""
    user: str = ""
    password: str = ""
    database: int = 0


def parse_url(url: str) -> RedisAddress:
    """`redis://[user:password@]host[:port][/database]`, `rediss://…` or `unix:///path[?db=N]`; raises `ValueError`."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("expected redis://, rediss:// or unix://")
    is_socket = parts.scheme == "unix"
    database = parse_qs(parts.query).get("db", ["0"])[0] if is_socket else parts.path.strip("/") or "0"
    if not database.isdecimal():
        raise ValueError("the database is not a number")
    if is_socket and not parts.path:
        raise ValueError("the path of the socket is missing")
    return RedisAddress(
        host=parts.hostname or "localhost",
        port=parts.port or 6379,
        tls=parts.scheme == "rediss",
        path=unquote(parts.path) if is_socket else "",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=int(database),
    )
