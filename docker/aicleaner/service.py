"""Assembles the parts of the service."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path

from .journal import Journal
from .metrics import Metrics
from .options import Options
from .schedule import Schedule
from .server import Server
from .sessions import Sessions
from .store import Store
from .store.memory import MemoryStore
from .store.resilient import ResilientStore
from .web.access import Access
from .web.application import Application
from .web.routes import make_routes

log = logging.getLogger("aicleaner")


class Service:
    def __init__(
        self,
        options: Options,
        data: Path,
        environment: Mapping[str, str],
        host: str = "0.0.0.0",  # noqa: S104 - the container runtime decides where to publish the port
        port: int = 8000,
    ) -> None:
        self._started = time.monotonic()
        self._version = environment.get("AICLEANER_VERSION") or "dev"
        self._redis = open_redis(options.redis_url, options.redis_password)
        store: Store = self._redis or MemoryStore()
        self._store = store
        self._journal = Journal(data / "journal.jsonl")
        metrics = Metrics(self._version)
        sessions = Sessions(store, options.session_hours)
        schedule = Schedule(options.zones, self._journal, store, metrics, options.cache_seconds)
        schedule.clear_cache()
        access = Access(options.api_token, sessions, bool(environment.get("SUPERVISOR_TOKEN")))
        application = Application(make_routes(self.health, metrics, schedule, sessions, access), metrics)
        self.server = Server(application, host, port, environment.get("AICLEANER_TRUSTED_PROXY") or "")
        metrics.read_gauges_from(
            due=lambda: schedule.count(due=True),
            fine=lambda: schedule.count(due=False),
            store_connected=lambda: float(self._redis is not None and self._redis.connected),
            store_configured=self._redis is not None,
            healthy=lambda: float(not self.server.stopping),
        )

    def health(self) -> tuple[bool, dict[str, object]]:
        """Healthy while the service accepts requests. Without its Redis, the status is "degraded" but still healthy."""
        degraded = self._redis is not None and not self._redis.connected
        status = "stopping" if self.server.stopping else "degraded" if degraded else "ok"
        return not self.server.stopping, {
            "status": status,
            "version": self._version,
            "uptime_seconds": round(time.monotonic() - self._started, 3),
            "store": "redis" if self._redis is not None and self._redis.connected else "memory",
            "journal": "file" if self._journal.persistent else "memory",
        }

    def run(self) -> None:
        if self._redis is not None:
            self._redis.watch()
        try:
            self.server.run()
        finally:
            self._store.close()
        log.info("Stopped.")


def open_redis(url: str, password: str) -> ResilientStore | None:
    if not url:
        return None
    from .store.redis import RedisStore

    store = ResilientStore(RedisStore(url, password))
    store.ping()
    return store
