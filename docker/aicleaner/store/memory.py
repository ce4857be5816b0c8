"""A bounded in-memory store that evicts the least recently used entry."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock


class MemoryStore:
    def __init__(self, limit: int = 4096, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._limit = limit
        self._clock = clock
        self._lock = Lock()

    def get(self, key: str) -> str | None:
        entry = self.get_with_ttl(key)
        return entry[0] if entry else None

    def get_with_ttl(self, key: str) -> tuple[str, float] | None:
        """Returns the value and its remaining time to live in seconds."""
        with self._lock:
            if key not in self._entries:
                return None
            value, expires = self._entries[key]
            remaining = expires - self._clock()
            if remaining <= 0:
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return value, remaining

    def set(self, key: str, value: str, seconds: int) -> None:
        with self._lock:
            self._entries[key] = (value, self._clock() + seconds)
            self._entries.move_to_end(key)
            while len(self._entries) > self._limit:
                self._entries.popitem(last=False)

    def delete(self, key: str) -> None:
        with self._lock:
            self._entries.pop(key, None)

    def ping(self) -> None:
        return None

    def close(self) -> None:
        with self._lock:
            self._entries.clear()
