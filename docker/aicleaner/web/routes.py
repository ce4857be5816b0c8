"""The routes: each handler maps a request to a response."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from ..metrics import Metrics
from ..schedule import Schedule
from ..sessions import Sessions
from .access import COOKIE, Access
from .messages import HttpError, Request, Response, json_response

Handler = Callable[[Request, Mapping[str, str]], Response]


@dataclass(frozen=True)
class Route:
    """`path` is a template: `/api/zones/{zone}`."""

    method: str
    path: str
    handle: Handler


def make_routes(
    health: Callable[[], tuple[bool, dict[str, object]]],
    metrics: Metrics,
    schedule: Schedule,
    sessions: Sessions,
    access: Access,
) -> list[Route]:
    def get_health(_request: Request, _values: Mapping[str, str]) -> Response:
        healthy, report = health()
        return json_response(report, HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE)

    def get_metrics(_request: Request, _values: Mapping[str, str]) -> Response:
        return Response(body=metrics.render(), content_type="text/plain; version=0.0.4; charset=utf-8")

    def get_page(request: Request, _values: Mapping[str, str]) -> Response:
        if not access.allowed(request):
            return Response(
                body=html_page("<p>Create a session first: send the token to /api/session.</p>"),
                content_type="text/html; charset=utf-8",
            )
        rows = "".join(
            f"<li>{html.escape(str(zone['name']))}: {'due' if zone['due'] else 'not due'}</li>"
            for zone in schedule.zones()
        )
        return Response(
            body=html_page(f"<ul>{rows}</ul>" if rows else "<p>No zones yet. Add zones in the options.</p>"),
            content_type="text/html; charset=utf-8",
        )

    def get_zones(request: Request, _values: Mapping[str, str]) -> Response:
        access.require(request)
        return json_response({"zones": schedule.zones()})

    def get_zone(request: Request, values: Mapping[str, str]) -> Response:
        access.require(request)
        return json_response(_or_not_found(schedule.zone(values["zone"])))

    def post_cleaned(request: Request, values: Mapping[str, str]) -> Response:
        access.require(request)
        request.json()
        return json_response(_or_not_found(schedule.record_cleaning(values["zone"])), HTTPStatus.CREATED)

    def post_session(request: Request, _values: Mapping[str, str]) -> Response:
        if not access.matches(request.json().get("token", "")):
            raise HttpError(HTTPStatus.UNAUTHORIZED, "Invalid token.")
        return json_response(
            {"seconds": sessions.seconds},
            HTTPStatus.CREATED,
            (("Set-Cookie", session_cookie(sessions.create(time.time()), sessions.seconds, request)),),
        )

    def get_session(request: Request, _values: Mapping[str, str]) -> Response:
        session = sessions.find(request.cookie(COOKIE))
        if session is None:
            raise HttpError(HTTPStatus.UNAUTHORIZED, "No session.")
        return json_response(session)

    def delete_session(request: Request, _values: Mapping[str, str]) -> Response:
        sessions.delete(request.cookie(COOKIE))
        return Response(HTTPStatus.NO_CONTENT, headers=(("Set-Cookie", session_cookie("", 0, request)),))

    return [
        Route("GET", "/", get_page),
        Route("GET", "/api/health", get_health),
        Route("GET", "/metrics", get_metrics),
        Route("GET", "/api/zones", get_zones),
        Route("GET", "/api/zones/{zone}", get_zone),
        Route("POST", "/api/zones/{zone}/cleaned", post_cleaned),
        Route("POST", "/api/session", post_session),
        Route("GET", "/api/session", get_session),
        Route("DELETE", "/api/session", delete_session),
    ]


def session_cookie(value: str, seconds: int, request: Request) -> str:
    secure = "; Secure" if request.secure else ""
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}"


def html_page(content: str) -> bytes:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>AICleaner</title></head>'
        f"<body><h1>AICleaner</h1>{content}</body></html>\n"
    ).encode()


def _or_not_found(state: dict[str, object] | None) -> dict[str, object]:
    if state is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "No such zone.")
    return state
