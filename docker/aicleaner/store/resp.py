"""The part of the Redis protocol (RESP 2) for single-value commands.

https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

from typing import BinaryIO

# Redis allows values of up to 512 MB; all values stored here are far smaller than this limit.
MAX_BYTES = 1024 * 1024


class ProtocolError(RuntimeError):
    """The reply is not valid RESP."""


class ReplyError(RuntimeError):
    """Redis rejected the command."""


def encode_command(*command: str | int) -> bytes:
    """Encodes a command: `("GET", "a")` becomes an array of two bulk strings."""
    parts = [str(part).encode() for part in command]
    return b"".join((b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)))


def read_reply(source: BinaryIO) -> bytes | int | None:
    """Reads a reply: a status or value as bytes, an integer, or None.

    Raises `ReplyError`, `ProtocolError` or `OSError`.
    """
    line = source.readline(MAX_BYTES)
    if not line:
        raise ConnectionResetError("Redis closed the connection")
    kind, rest = line[:1], line[1:-2]
    if not line.endswith(b"\r\n"):
        raise ProtocolError(f"unexpected reply {line[:40]!r}")
    if kind == b"+":
        return rest
    if kind == b"-":
        raise ReplyError(rest.decode(errors="replace"))
    if kind in (b":", b"$"):
        try:
            number = int(rest)
        except ValueError as error:
            raise ProtocolError(f"unexpected reply {line[:40]!r}") from error
        if kind == b":":
            return number
        return None if number == -1 else _bulk(source, number)
    raise ProtocolError(f"unexpected reply {line[:40]!r}")


def _bulk(source: BinaryIO, length: int) -> bytes:
    if not 0 <= length <= MAX_BYTES:
        raise ProtocolError(f"unexpected length {length}")
    value = source.read(length + 2)
    if len(value) != length + 2:
        raise ConnectionResetError("Redis closed the connection")
    if not value.endswith(b"\r\n"):
        raise ProtocolError("value without terminator")
    return value[:-2]
