"""The schedule that the API returns: computed from the journal, cached in the store."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict

from .journal import Journal
from .metrics import Metrics
from .store import Store
from .zones import Zone, ZoneState, state_of, states_by_urgency

CACHE_KEY = "schedule"


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
        # Create the series now: `rate()` ignores the first increment of a series that appears with it.
        for zone in zones:
            metrics.cleanings.labels(zone.id)

    def zones(self) -> list[dict[str, object]]:
        cached = self._store.get(CACHE_KEY) if self._cache_seconds else None
        self._metrics.cache.labels("hit" if cached else "miss").inc()
        if cached:
            return json.loads(cached)
        states = [asdict(state) for state in self._states()]
        if self._cache_seconds:
            self._store.set(CACHE_KEY, json.dumps(states), self._cache_seconds)
        return states

    def zone(self, zone_id: str) -> dict[str, object] | None:
        zone = self._zones.get(zone_id)
        if zone is None:
            return None
        return asdict(state_of(zone, self._journal.cleanings().get(zone_id, ()), self._clock()))

    def record_cleaning(self, zone_id: str) -> dict[str, object] | None:
        """Records a cleaning at the current time. Returns the new state, or None if the zone does not exist."""
        if zone_id not in self._zones:
            return None
        self._journal.add(zone_id, self._clock())
        self._store.delete(CACHE_KEY)
        self._metrics.cleanings.labels(zone_id).inc()
        return self.zone(zone_id)

    def clear_cache(self) -> None:
        """Call this at start: a cache in Redis may contain zones that are no longer in the options."""
        self._store.delete(CACHE_KEY)

    def count(self, due: bool) -> int:
        return sum(state.due is due for state in self._states())

    def _states(self) -> list[ZoneState]:
        return states_by_urgency(self._zones.values(), self._journal.cleanings(), self._clock())
