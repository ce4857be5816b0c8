"""Key-value store with expiry: Redis if one is configured and reachable, otherwise memory."""

from __future__ import annotations

from typing import Protocol


class StoreError(RuntimeError):
    """The store is unreachable or returned an error."""


class Store(Protocol):
    """Values are strings; `seconds` is the time to live. Every call can raise `StoreError`."""

    def get(self, key: str) -> str | None: ...

    def set(self, key: str, value: str, seconds: int) -> None: ...

    def delete(self, key: str) -> None: ...

    def ping(self) -> None: ...

    def close(self) -> None: ...
