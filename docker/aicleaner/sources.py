"""Reads the options from the file that the Supervisor writes, from its API, and from the environment."""

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


class OptionsUnavailable(RuntimeError):
    """The options exist but cannot be read. Starting with defaults would ignore the configuration of the user."""


def read_options(data: Path, environment: Mapping[str, str]) -> dict[str, object]:
    """Returns the raw options from the file, or else from the Supervisor API. Environment variables override both.

    The Supervisor writes the file with mode 0600 as root, so a non-root add-on uses the API.
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
            raise OptionsUnavailable(f"permission denied for {path}, and SUPERVISOR_TOKEN is not set") from error
    except ValueError as error:
        raise OptionsUnavailable(f"{path} is not JSON: {error}") from error
    return from_supervisor(environment)


def from_supervisor(environment: Mapping[str, str], timeout: float = 10.0) -> dict[str, object]:
    base = environment.get("SUPERVISOR_API") or "http://supervisor"
    url = f"{base.rstrip('/')}/addons/self/options/config"
    request = Request(url, headers={"Authorization": f"Bearer {environment['SUPERVISOR_TOKEN']}"})
    try:
        with urlopen(request, timeout=timeout) as response:  # noqa: S310 - the Supervisor sets the scheme
            envelope = _mapping(json.load(response), url)
    except (URLError, TimeoutError, ValueError) as error:
        raise OptionsUnavailable(f"{url}: {error}") from error
    log.info("Read the options from the Supervisor API.")
    return _mapping(envelope.get("data"), url)


def from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """`AICLEANER_REDIS_URL=…`, or `AICLEANER_REDIS_URL_FILE=/run/secrets/…` for secrets. Empty means unset."""
    options: dict[str, object] = {}
    for name in NAMES:
        key = PREFIX + name.upper()
        if environment.get(key):
            options[name] = environment[key]
        elif environment.get(f"{key}_FILE"):
            path = Path(environment[f"{key}_FILE"])
            try:
                options[name] = path.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise OptionsUnavailable(f"{key}_FILE: {error}") from error
    if environment.get(f"{PREFIX}ZONES"):
        try:
            options["zones"] = json.loads(environment[f"{PREFIX}ZONES"])
        except ValueError as error:
            raise OptionsUnavailable(f"{PREFIX}ZONES is not JSON: {error}") from error
    return options


def _mapping(value: object, source: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise OptionsUnavailable(f"{source}: expected a JSON object")
    return value
