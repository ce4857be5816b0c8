"""Zones and when they are due. Pure functions: times are arguments, in seconds since 1970."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

HOUR = 3600.0
# Fewer intervals do not show a habit.
MIN_INTERVALS_FOR_SUGGESTION = 3


@dataclass(frozen=True)
class Zone:
    id: str
    name: str
    every_hours: int


@dataclass(frozen=True)
class ZoneState:
    id: str
    name: str
    every_hours: int
    last_cleaned: float | None
    due_at: float | None
    due: bool
    suggested_every_hours: int | None


def slug(name: str) -> str:
    """`Küche 2` becomes `kuche-2`: an ID that is safe in URLs and labels."""
    plain = unicodedata.normalize("NFKD", name)
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c)).lower()).strip("-")


def state_of(zone: Zone, cleanings: Sequence[float], now: float) -> ZoneState:
    """State of a zone. `cleanings` are times in ascending order; a zone that was never cleaned is due."""
    last = cleanings[-1] if cleanings else None
    due_at = None if last is None else last + zone.every_hours * HOUR
    return ZoneState(
        id=zone.id,
        name=zone.name,
        every_hours=zone.every_hours,
        last_cleaned=last,
        due_at=due_at,
        due=due_at is None or due_at <= now,
        suggested_every_hours=suggested_interval(cleanings),
    )


def states_by_urgency(zones: Iterable[Zone], cleanings: Mapping[str, Sequence[float]], now: float) -> list[ZoneState]:
    """States of all zones, most urgent first."""
    states = [state_of(zone, cleanings.get(zone.id, ()), now) for zone in zones]
    return sorted(states, key=lambda state: (state.due_at is not None, state.due_at or 0.0, state.id))


def suggested_interval(cleanings: Sequence[float]) -> int | None:
    """Median number of hours between cleanings, or None if there are too few cleanings."""
    intervals = [later - earlier for earlier, later in zip(cleanings, cleanings[1:])]
    if len(intervals) < MIN_INTERVALS_FOR_SUGGESTION:
        return None
    return max(1, round(median(intervals) / HOUR))
