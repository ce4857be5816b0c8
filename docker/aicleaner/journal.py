"""The journal of cleanings. Each cleaning appends a line, so a power failure loses at most the last one."""

from __future__ import annotations

import json
import logging
import os
from collections import defaultdict
from pathlib import Path
from threading import Lock

log = logging.getLogger("aicleaner.journal")
# The last few cleanings per zone are enough to suggest an interval; a limit keeps the file small.
MAX_PER_ZONE = 50


class Journal:
    """Cleanings by zone in ascending order. Stored in `path` if it is writable, otherwise only in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._cleanings: dict[str, list[float]] = defaultdict(list)
        self.persistent = self._open()

    def _open(self) -> bool:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
            broken = sum(not self._replay(line) for line in lines)
            if broken:
                log.warning("Ignored %d unreadable lines in %s.", broken, self._path)
            self._rewrite()
        except OSError as error:
            log.warning("Keeping cleanings in memory only: %s", error)
            return False
        return True

    def _replay(self, line: str) -> bool:
        try:
            entry = json.loads(line)
            self._insert(str(entry["zone"]), float(entry["at"]))
        except (ValueError, KeyError, TypeError):
            return False
        return True

    def _insert(self, zone: str, at: float) -> None:
        times = self._cleanings[zone]
        times.append(at)
        times.sort()
        del times[:-MAX_PER_ZONE]

    def _rewrite(self) -> None:
        """Rewrites the file without old entries. Writes a new file first, so that a power failure leaves one intact."""
        replacement = self._path.with_suffix(".new")
        with replacement.open("w", encoding="utf-8") as file:
            for zone, times in sorted(self._cleanings.items()):
                file.writelines(_line(zone, at) for at in times)
            file.flush()
            os.fsync(file.fileno())
        replacement.replace(self._path)

    def add(self, zone: str, at: float) -> None:
        with self._lock:
            self._insert(zone, at)
            if not self.persistent:
                return
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line(zone, at))
                file.flush()
                os.fsync(file.fileno())

    def cleanings(self) -> dict[str, tuple[float, ...]]:
        with self._lock:
            return {zone: tuple(times) for zone, times in self._cleanings.items()}


def _line(zone: str, at: float) -> str:
    return json.dumps({"zone": zone, "at": at}) + "\n"
