"""Options of the add-on: one frozen value, made from what the user wrote, with every mistake named at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .store.address import parse_url
from .zones import Zone, slug

LOG_LEVELS = ("debug", "info", "warning", "error")


class InvalidOptions(ValueError):
    """Carries all mistakes, so that the user does not find them one restart after another."""

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
    """Turns the add-on's options into `Options`; raises `InvalidOptions` with all problems.

    Unknown keys are ignored: the Supervisor has checked them against the schema, and an older
    image must still start with options written for a newer one.
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
        session_hours=_whole(raw, "session_hours", 12, 1, 720, problems),
        cache_seconds=_whole(raw, "cache_seconds", 30, 0, 3600, problems),
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
    problems.append(f"{key}: expected text, found {type(value).__name__}")
    return default


def _whole(raw: Mapping[str, object], key: str, default: int, low: int, high: int, problems: list[str]) -> int:
    value = raw.get(key, default)
    if value is None:
        return default
    # Environment variables are text, and True is an int to Python.
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return value
    problems.append(f"{key}: expected a whole number from {low} to {high}, found {value!r}")
    return default


def _zones(raw: object, problems: list[str]) -> tuple[Zone, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list):
        problems.append("zones: expected a list")
        return ()
    zones: dict[str, Zone] = {}
    for index, entry in enumerate(raw):
        place = f"zones[{index}]"
        if not isinstance(entry, Mapping):
            problems.append(f"{place}: expected name and every_hours")
            continue
        found: list[str] = []
        name = _text(entry, "name", "", found).strip()
        every = _whole(entry, "every_hours", 24, 1, 8760, found)
        identity = slug(name)
        if not identity:
            found.append("name: expected a name with at least one letter or digit")
        elif identity in zones:
            found.append(f'name: "{name}" is already taken')
        problems.extend(f"{place}.{problem}" for problem in found)
        if not found:
            zones[identity] = Zone(identity, name, every)
    return tuple(zones.values())
