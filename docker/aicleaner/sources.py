"""Where options come from: the file that the Supervisor writes, its API, and the environment."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

log = logging.getLogger("aicleaner.options")
PREFIX = "AICLEANER_"
NAMES = ("log_level", "api_token", "redis_url", "redis_password", "session_hours", "cache_seconds")


class NoOptions(RuntimeError):
    """The options exist but cannot be had; starting with defaults would ignore what the user wrote."""


def read_options(data: Path, environment: Mapping[str, str]) -> dict[str, object]:
    """Raw options: the file, else the Supervisor's API, else none; the environment wins over both.

    The Supervisor writes the file for root alone (mode 0600), so a non-root add-on asks the API.
    """
    return {**_from_supervisor_or_file(data / "options.json", environment), **from_environment(environment)}


def _from_supervisor_or_file(path: Path, environment: Mapping[str, str]) -> dict[str, object]:
    try:
        return _mapping(json.loads(path.read_text(encoding="utf-8")), str(path))
    except FileNotFoundError:
        if not environment.get("SUPERVISOR_TOKEN"):
            return {}
    except PermissionError as error:
        if not environment.get("SUPERVISOR_TOKEN"):
            raise NoOptions(f"{path} is not readable for this user, and there is no Supervisor to ask") from error
    except ValueError as error:
        raise NoOptions(f"{path} is not JSON: {error}") from error
    return from_supervisor(environment)


def from_supervisor(environment: Mapping[str, str], timeout: float = 10.0) -> dict[str, object]:
    base = environment.get("SUPERVISOR_API") or "http://supervisor"
    url = f"{base.rstrip('/')}/addons/self/options/config"
    request = Request(url, headers={"Authorization": f"Bearer {environment['SUPERVISOR_TOKEN']}"})
    try:
        with urlopen(request, timeout=timeout) as answer:  # noqa: S310 - the scheme is the Supervisor's own
            envelope = _mapping(json.load(answer), url)
    except (URLError, TimeoutError, ValueError) as error:
        raise NoOptions(f"{url}: {error}") from error
    log.info("Options read from the Supervisor.")
    return _mapping(envelope.get("data"), url)


def from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """`AICLEANER_REDIS_URL=…`, or `AICLEANER_REDIS_URL_FILE=/run/secrets/…` for secrets; empty means not given."""
    found: dict[str, object] = {}
    for name in NAMES:
        key = PREFIX + name.upper()
        if environment.get(key):
            found[name] = environment[key]
        elif environment.get(f"{key}_FILE"):
            path = Path(environment[f"{key}_FILE"])
            try:
                found[name] = path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise NoOptions(f"{key}_FILE: {error}") from error
    if environment.get(f"{PREFIX}ZONES"):
        try:
            found["zones"] = json.loads(environment[f"{PREFIX}ZONES"])
        except ValueError as error:
            raise NoOptions(f"{PREFIX}ZONES is not JSON: {error}") from error
    return found


def _mapping(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise NoOptions(f"{place}: expected a JSON object")
    return value
