"""The WSGI application: finds the route, records metrics, and converts errors to responses."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from ..metrics import Metrics
from .messages import HttpError, Request, Response, from_wsgi, json_response, to_wsgi
from .routes import Route

log = logging.getLogger("aicleaner.web")
# One label value for all unknown paths, so that a scanner cannot create arbitrary series in Prometheus.
NO_ROUTE = "none"
# All other methods share one label value, for the same reason.
KNOWN_METHODS = frozenset(("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"))


class Application:
    def __init__(self, routes: Sequence[Route], metrics: Metrics) -> None:
        self._routes = [(_pattern(route.path), route) for route in routes]
        self._metrics = metrics

    def __call__(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        started = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        with self._metrics.active.track_inprogress():
            route, response = self._respond(environ)
        self._metrics.duration.labels(route).observe(time.perf_counter() - started)
        method_label = method if method in KNOWN_METHODS else "other"
        self._metrics.requests.labels(method_label, route, str(response.status.value)).inc()
        return to_wsgi(response, method, start_response)

    def _respond(self, environ: Mapping[str, Any]) -> tuple[str, Response]:
        name = NO_ROUTE
        try:
            request = from_wsgi(environ)
            route, values = self._find(request)
            name = route.path
            return name, route.handle(request, values)
        except HttpError as error:
            return name, json_response({"error": error.message}, error.status)
        except Exception:
            log.exception("%s %s failed", environ.get("REQUEST_METHOD"), name)
            return name, json_response({"error": "Internal error; see the log."}, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _find(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        method = "GET" if request.method == "HEAD" else request.method
        matches = [(route, match) for pattern, route in self._routes if (match := pattern.fullmatch(request.path))]
        if not matches:
            raise HttpError(HTTPStatus.NOT_FOUND, "Not found.")
        for route, match in matches:
            if route.method == method:
                return route, match.groupdict()
        allowed = ", ".join(route.method for route, _ in matches)
        raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, f"Allowed methods: {allowed}.")


def _pattern(template: str) -> re.Pattern[str]:
    """Converts `/api/zones/{zone}` to a pattern with a group `zone` that matches one path segment."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))
