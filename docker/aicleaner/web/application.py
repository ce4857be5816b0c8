"""The WSGI application: finds the route, counts and times it, and turns failures into answers."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from ..metrics import Metrics
from .messages import Answer, HttpError, Request, from_wsgi, json_answer, to_wsgi
from .routes import Route

log = logging.getLogger("aicleaner.web")
# One label for every path that does not exist: a scanner must not be able to fill Prometheus.
NO_ROUTE = "none"
# Likewise for method names that a client makes up.
METHODS = frozenset(("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"))


class Application:
    def __init__(self, routes: Sequence[Route], metrics: Metrics) -> None:
        self._routes = [(_pattern(route.path), route) for route in routes]
        self._metrics = metrics

    def __call__(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        begun = time.perf_counter()
        method = environ["REQUEST_METHOD"]
        with self._metrics.active.track_inprogress():
            route, answer = self._answer(environ)
        self._metrics.duration.labels(route).observe(time.perf_counter() - begun)
        self._metrics.requests.labels(method if method in METHODS else "other", route, str(answer.status.value)).inc()
        return to_wsgi(answer, method, start_response)

    def _answer(self, environ: Mapping[str, Any]) -> tuple[str, Answer]:
        name = NO_ROUTE
        try:
            request = from_wsgi(environ)
            route, values = self._find(request)
            name = route.path
            return name, route.handle(request, values)
        except HttpError as error:
            return name, json_answer({"error": error.message}, error.status)
        except Exception:
            log.exception("%s %s failed", environ.get("REQUEST_METHOD"), name)
            return name, json_answer({"error": "Internal error; see the log."}, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _find(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        wanted = "GET" if request.method == "HEAD" else request.method
        found = [(route, match) for pattern, route in self._routes if (match := pattern.fullmatch(request.path))]
        if not found:
            raise HttpError(HTTPStatus.NOT_FOUND, "There is nothing here.")
        for route, match in found:
            if route.method == wanted:
                return route, match.groupdict()
        raise HttpError(HTTPStatus.METHOD_NOT_ALLOWED, f"Allowed: {', '.join(route.method for route, _ in found)}.")


def _pattern(template: str) -> re.Pattern[str]:
    """`/api/zones/{zone}` → a pattern with a group `zone` that takes one path segment."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))
