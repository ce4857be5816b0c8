"""The part of Redis's protocol (RESP 2) that single-value commands use. https://redis.io/docs/latest/develop/reference/protocol-spec/"""

from __future__ import annotations

from typing import BinaryIO

# Redis's own limit of a value is 512 MB; nothing stored here comes near this.
LIMIT = 1024 * 1024


class ProtocolError(RuntimeError):
    """What came is not Redis's protocol."""


class ReplyError(RuntimeError):
    """Redis refused the command."""


def pack(*command: str | int) -> bytes:
    """`("GET", "a")` → an array of two bulk strings."""
    parts = [str(part).encode() for part in command]
    return b"".join((b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)))


def read_reply(source: BinaryIO) -> bytes | int | None:
    """Reads one reply: status or value as bytes, a number, or None; raises `ReplyError`, `ProtocolError`, `OSError`."""
    line = source.readline(LIMIT)
    if not line:
        raise ConnectionResetError("Redis closed the connection")
    kind, rest = line[:1], line[1:-2]
    if not line.endswith(b"\r\n"):
        raise ProtocolError(f"unexpected answer {line[:40]!r}")
    if kind == b"+":
        return rest
    if kind == b"-":
        raise ReplyError(rest.decode(errors="replace"))
    if kind in (b":", b"$"):
        try:
            number = int(rest)
        except ValueError as error:
            raise ProtocolError(f"unexpected answer {line[:40]!r}") from error
        if kind == b":":
            return number
        return None if number == -1 else _bulk(source, number)
    raise ProtocolError(f"unexpected answer {line[:40]!r}")


def _bulk(source: BinaryIO, length: int) -> bytes:
    if not 0 <= length <= LIMIT:
        raise ProtocolError(f"unexpected length {length}")
    value = source.read(length + 2)
    if len(value) != length + 2:
        raise ConnectionResetError("Redis closed the connection")
    if not value.endswith(b"\r\n"):
        raise ProtocolError("a value without its end")
    return value[:-2]
