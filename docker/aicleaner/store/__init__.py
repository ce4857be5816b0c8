"""Key-value store with expiry: Redis where there is one, memory where there is none or it is away."""

from __future__ import annotations

from typing import Protocol


class StoreError(RuntimeError):
    """The store cannot be reached or answered with an error."""


class Store(Protocol):
    """Values are text; `seconds` is the time to live. Every call may raise `StoreError`."""

    def get(self, key: str) -> str | None: ...

    def set(self, key: str, value: str, seconds: int) -> None: ...

    def delete(self, key: str) -> None: ...

    def ping(self) -> None: ...

    def close(self) -> None: ...
