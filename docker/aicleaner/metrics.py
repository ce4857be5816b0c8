"""Metrics for Prometheus. Each service has its own registry, so that tests can run several services."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    def __init__(self, version: str) -> None:
        # The creation time of every series would double the number of series, and no query uses it.
        disable_created_metrics()
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        GCCollector(registry=registry)
        build = Gauge("aicleaner_build_info", "Always 1; the version is in the label.", ["version"], registry=registry)
        build.labels(version).set(1)
        self.requests = Counter(
            "aicleaner_http_requests_total", "HTTP requests.", ["method", "route", "status"], registry=registry
        )
        self.duration = Histogram(
            "aicleaner_http_request_duration_seconds",
            "Duration of HTTP requests.",
            ["route"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.active = Gauge("aicleaner_http_requests_active", "HTTP requests in progress.", registry=registry)
        self.cache = Counter("aicleaner_cache_requests_total", "Cache lookups.", ["result"], registry=registry)
        # Create the series now: `rate()` ignores the first increment of a series that appears with it.
        self.cache.labels("hit")
        self.cache.labels("miss")
        self.cleanings = Counter("aicleaner_cleanings_total", "Recorded cleanings.", ["zone"], registry=registry)
        self._zones = Gauge("aicleaner_zones", "Zones by state.", ["state"], registry=registry)
        self._store = Gauge("aicleaner_store_connected", "1 while Redis is reachable.", registry=registry)
        self._configured = Gauge("aicleaner_store_configured", "1 if Redis is configured.", registry=registry)
        self._healthy = Gauge("aicleaner_healthy", "1 while the service accepts requests.", registry=registry)

    def read_gauges_from(
        self,
        due: Callable[[], float],
        fine: Callable[[], float],
        store_connected: Callable[[], float],
        store_configured: bool,
        healthy: Callable[[], float],
    ) -> None:
        """Sets the functions that compute the gauges on every scrape."""
        self._zones.labels("due").set_function(due)
        self._zones.labels("fine").set_function(fine)
        self._store.set_function(store_connected)
        self._configured.set(1 if store_configured else 0)
        self._healthy.set_function(healthy)

    def render(self) -> bytes:
        return generate_latest(self.registry)
