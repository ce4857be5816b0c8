"""Sessions: a random name in a cookie, everything else in the store."""

from __future__ import annotations

import hashlib
import json
import secrets

from .store import Store

HOUR = 3600


class Sessions:
    def __init__(self, store: Store, hours: int) -> None:
        self._store = store
        self.seconds = hours * HOUR

    def begin(self, now: float) -> str:
        """Makes a session and returns its secret name."""
        name = secrets.token_urlsafe(32)
        self._store.set(_key(name), json.dumps({"since": now}), self.seconds)
        return name

    def find(self, name: str) -> dict[str, float] | None:
        found = self._store.get(_key(name)) if name else None
        return json.loads(found) if found else None

    def end(self, name: str) -> None:
        self._store.delete(_key(name))


def _key(name: str) -> str:
    # Who can list the keys of a shared Redis must not be able to take over a session.
    return f"session:{hashlib.sha256(name.encode()).hexdigest()}"
