"""The schedule as the API gives it: computed from the journal, cached in the store."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict

from .journal import Journal
from .metrics import Metrics
from .store import Store
from .zones import Zone, ZoneState, schedule, state_of

KEY = "schedule"


class Schedule:
    def __init__(
        self,
        zones: tuple[Zone, ...],
        journal: Journal,
        store: Store,
        metrics: Metrics,
        cache_seconds: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._zones = {zone.id: zone for zone in zones}
        self._journal = journal
        self._store = store
        self._metrics = metrics
        self._cache_seconds = cache_seconds
        self._clock = clock
        # From the start, as a rate misses the first increment of a series that appears with it.
        for zone in zones:
            metrics.cleanings.labels(zone.id)

    def all(self) -> list[dict[str, object]]:
        cached = self._store.get(KEY) if self._cache_seconds else None
        self._metrics.cache.labels("hit" if cached else "miss").inc()
        if cached:
            return json.loads(cached)
        states = [asdict(state) for state in self._states()]
        if self._cache_seconds:
            self._store.set(KEY, json.dumps(states), self._cache_seconds)
        return states

    def one(self, identity: str) -> dict[str, object] | None:
        zone = self._zones.get(identity)
        if zone is None:
            return None
        return asdict(state_of(zone, self._journal.cleanings().get(identity, ()), self._clock()))

    def cleaned(self, identity: str) -> dict[str, object] | None:
        """Records a cleaning now; None for a zone that does not exist."""
        if identity not in self._zones:
            return None
        self._journal.add(identity, self._clock())
        self._store.delete(KEY)
        self._metrics.cleanings.labels(identity).inc()
        return self.one(identity)

    def forget_cache(self) -> None:
        """After a start the options may name other zones than those in a cache that outlived the process."""
        self._store.delete(KEY)

    def count(self, due: bool) -> int:
        return sum(state.due is due for state in self._states())

    def _states(self) -> list[ZoneState]:
        return schedule(self._zones.values(), self._journal.cleanings(), self._clock())
