"""A store that falls back to memory while the remote store is unreachable, and replays changes afterwards."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from threading import Event, Lock, Thread

from . import Store, StoreError
from .memory import MemoryStore

log = logging.getLogger("aicleaner.store")


class ResilientStore:
    """Reads from `remote` while it is reachable, otherwise from a local copy.

    Writes go to both. Changes made while the remote store is unreachable are replayed once it is back. This includes
    deletions: a session that ended in the meantime must stay ended.
    """

    def __init__(
        self,
        remote: Store,
        retry_after: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
        local: MemoryStore | None = None,
    ) -> None:
        self._remote = remote
        self._local = local or MemoryStore(clock=clock)
        self._retry_after = retry_after
        self._clock = clock
        self._lock = Lock()
        self._missed_keys: dict[str, None] = {}
        self._retry_at = 0.0
        self._stop = Event()
        # None until the first attempt, so that its outcome is logged either way.
        self._connected: bool | None = None

    @property
    def connected(self) -> bool:
        return self._connected is True

    def get(self, key: str) -> str | None:
        if self._is_available():
            try:
                value = self._remote.get(key)
                self._mark_connected()
                return value
            except StoreError as error:
                self._mark_disconnected(error)
        return self._local.get(key)

    def set(self, key: str, value: str, seconds: int) -> None:
        self._local.set(key, value, seconds)
        self._write(key, lambda: self._remote.set(key, value, seconds))

    def delete(self, key: str) -> None:
        self._local.delete(key)
        self._write(key, lambda: self._remote.delete(key))

    def ping(self) -> None:
        """Contacts the remote store even before the next retry is due. Detects without traffic that it is back."""
        try:
            self._remote.ping()
            self._replay_missed()
            self._mark_connected()
        except StoreError as error:
            self._mark_disconnected(error)

    def watch(self, every: float = 5.0) -> None:
        """Pings in the background until `close`."""
        Thread(target=self._watch, args=(every,), name="store-watch", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._remote.close()

    def _watch(self, every: float) -> None:
        while not self._stop.wait(every):
            self.ping()

    def _is_available(self) -> bool:
        """False until the next retry is due; the retry replays missed changes before anything else."""
        if self._connected is not False:
            return True
        if self._clock() < self._retry_at:
            return False
        try:
            self._replay_missed()
        except StoreError as error:
            self._mark_disconnected(error)
            return False
        return True

    def _write(self, key: str, change: Callable[[], None]) -> None:
        if self._is_available():
            try:
                change()
                self._mark_connected()
                return
            except StoreError as error:
                self._mark_disconnected(error)
        with self._lock:
            self._missed_keys[key] = None

    def _replay_missed(self) -> None:
        """Replays missed changes. A key stays on the list until the remote store has accepted its change."""
        for key in list(self._missed_keys):
            entry = self._local.get_with_ttl(key)
            if entry is None:
                self._remote.delete(key)
            else:
                self._remote.set(key, entry[0], math.ceil(entry[1]))
            with self._lock:
                self._missed_keys.pop(key, None)

    def _mark_connected(self) -> None:
        if self._connected is not True:
            log.info("Connected to Redis.")
        self._connected = True

    def _mark_disconnected(self, error: StoreError) -> None:
        if self._connected is not False:
            log.warning("Redis is unreachable; continuing in memory: %s", error)
        self._connected = False
        self._retry_at = self._clock() + self._retry_after
