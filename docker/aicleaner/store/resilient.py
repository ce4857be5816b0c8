"""A store that goes on in memory while the remote one is away, and catches it up when it is back."""

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
    """Reads from `remote` while it answers, else from a local copy.

    Everything written goes into the copy too. What changed while the remote store was away is replayed when it is
    back, deletions included: a session that was ended in the meantime must not live again.
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
        self._missed: dict[str, None] = {}
        self._away_until = 0.0
        self._stop = Event()
        # Unknown until the first answer, so that either outcome is logged once.
        self._connected: bool | None = None

    @property
    def connected(self) -> bool:
        return self._connected is True

    def get(self, key: str) -> str | None:
        if self._may_ask():
            try:
                return self._answered(self._remote.get(key))
            except StoreError as error:
                self._failed(error)
        return self._local.get(key)

    def set(self, key: str, value: str, seconds: int) -> None:
        self._local.set(key, value, seconds)
        self._write(key, lambda: self._remote.set(key, value, seconds))

    def delete(self, key: str) -> None:
        self._local.delete(key)
        self._write(key, lambda: self._remote.delete(key))

    def ping(self) -> None:
        """Asks the remote store even within the waiting time; this is how its return is noticed without traffic."""
        try:
            self._remote.ping()
            self._catch_up()
            self._answered(None)
        except StoreError as error:
            self._failed(error)

    def watch(self, every: float = 5.0) -> None:
        """Pings in the background until `close`."""
        Thread(target=self._watch, args=(every,), name="store-watch", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self._remote.close()

    def _watch(self, every: float) -> None:
        while not self._stop.wait(every):
            self.ping()

    def _may_ask(self) -> bool:
        if self._connected is not False:
            return True
        if self._clock() < self._away_until:
            return False
        try:
            self._catch_up()
        except StoreError as error:
            self._failed(error)
            return False
        return True

    def _write(self, key: str, change: Callable[[], None]) -> None:
        if self._may_ask():
            try:
                change()
                self._answered(None)
                return
            except StoreError as error:
                self._failed(error)
        with self._lock:
            self._missed[key] = None

    def _catch_up(self) -> None:
        """Replays what the remote store missed; a key stays on the list until it has been taken."""
        for key in list(self._missed):
            kept = self._local.entry(key)
            if kept is None:
                self._remote.delete(key)
            else:
                self._remote.set(key, kept[0], math.ceil(kept[1]))
            with self._lock:
                self._missed.pop(key, None)

    def _answered(self, answer: str | None) -> str | None:
        if self._connected is not True:
            log.info("Connected to Redis.")
        self._connected = True
        return answer

    def _failed(self, error: StoreError) -> None:
        if self._connected is not False:
            log.warning("Redis is away, going on in memory: %s", error)
        self._connected = False
        self._away_until = self._clock() + self._retry_after
