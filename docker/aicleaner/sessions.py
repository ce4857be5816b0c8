"""Sessions: a random ID in a cookie, the data in the store."""

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

    def create(self, now: float) -> str:
        """Creates a session and returns its secret ID."""
        session_id = secrets.token_urlsafe(32)
        self._store.set(_key(session_id), json.dumps({"since": now}), self.seconds)
        return session_id

    def find(self, session_id: str) -> dict[str, float] | None:
        stored = self._store.get(_key(session_id)) if session_id else None
        return json.loads(stored) if stored else None

    def delete(self, session_id: str) -> None:
        self._store.delete(_key(session_id))


def _key(session_id: str) -> str:
    # Store a hash of the ID, so that listing the keys of a shared Redis does not reveal valid session IDs.
    return f"session:{hashlib.sha256(session_id.encode()).hexdigest()}"
