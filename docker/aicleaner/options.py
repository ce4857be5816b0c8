"""Options of the add-on: validates the raw values and reports all problems at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .store.address import parse_url
from .zones import Zone, slug

LOG_LEVELS = ("debug", "info", "warning", "error")


class InvalidOptions(ValueError):
    """Contains all problems, so that the user can fix them in one go."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Options:
    log_level: str = "info"
    api_token: str = ""
    redis_url: str = ""
    redis_password: str = ""
    session_hours: int = 12
    cache_seconds: int = 30
    zones: tuple[Zone, ...] = ()


def parse_options(raw: Mapping[str, object]) -> Options:
    """Validates the raw options; raises `InvalidOptions` with all problems.

    Ignores unknown keys: the Supervisor has already checked the options against the schema, and an
    older image must still start with the options of a newer one.
    """
    problems: list[str] = []
    level = _text(raw, "log_level", "info", problems)
    if level not in LOG_LEVELS:
        problems.append(f'log_level: "{level}" is not one of {", ".join(LOG_LEVELS)}')
    redis_url = _text(raw, "redis_url", "", problems)
    if redis_url:
        try:
            parse_url(redis_url)
        except ValueError as error:
            problems.append(f"redis_url: {error}")
    options = Options(
        log_level=level,
        api_token=_text(raw, "api_token", "", problems),
        redis_url=redis_url,
        redis_password=_text(raw, "redis_password", "", problems),
        session_hours=_integer(raw, "session_hours", 12, 1, 720, problems),
        cache_seconds=_integer(raw, "cache_seconds", 30, 0, 3600, problems),
        zones=_zones(raw.get("zones"), problems),
    )
    if problems:
        raise InvalidOptions(problems)
    return options


def _text(raw: Mapping[str, object], key: str, default: str, problems: list[str]) -> str:
    value = raw.get(key)
    if value is None:
        return default
    if isinstance(value, str):
        return value
    problems.append(f"{key}: expected a string, found {type(value).__name__}")
    return default


def _integer(raw: Mapping[str, object], key: str, default: int, low: int, high: int, problems: list[str]) -> int:
    value = raw.get(key, default)
    if value is None:
        return default
    # Environment variables are strings, and bool is a subclass of int.
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    problems.append(f"{key}: expected an integer from {low} to {high}, found {value!r}")
    return default


def _zones(raw: object, problems: list[str]) -> tuple[Zone, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list):
        problems.append("zones: expected a list")
        return ()
    zones: dict[str, Zone] = {}
    for index, entry in enumerate(raw):
        path = f"zones[{index}]"
        if not isinstance(entry, Mapping):
            problems.append(f"{path}: expected a mapping with name and every_hours")
            continue
        zone_problems: list[str] = []
        name = _text(entry, "name", "", zone_problems).strip()
        every = _integer(entry, "every_hours", 24, 1, 8760, zone_problems)
        zone_id = slug(name)
        if not zone_id:
            zone_problems.append("name: expected a name with at least one letter or digit")
        elif zone_id in zones:
            zone_problems.append(f'name: "{name}" is already taken')
        problems.extend(f"{path}.{problem}" for problem in zone_problems)
        if not zone_problems:
            zones[zone_id] = Zone(zone_id, name, every)
    return tuple(zones.values())
