"""The routes: each a function from a request to an answer."""

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
from .messages import Answer, HttpError, Request, json_answer

Handler = Callable[[Request, Mapping[str, str]], Answer]


@dataclass(frozen=True)
class Route:
    """`path` is a template: `/api/zones/{zone}`."""

    method: str
    path: str
    handle: Handler


def routes(
    health: Callable[[], tuple[bool, dict[str, object]]],
    metrics: Metrics,
    schedule: Schedule,
    sessions: Sessions,
    access: Access,
) -> list[Route]:
    def get_health(_request: Request, _values: Mapping[str, str]) -> Answer:
        healthy, report = health()
        return json_answer(report, HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE)

    def get_metrics(_request: Request, _values: Mapping[str, str]) -> Answer:
        return Answer(body=metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")

    def get_page(request: Request, _values: Mapping[str, str]) -> Answer:
        if not access.allowed(request):
            return Answer(body=page("<p>Begin a session first.</p>"), content_type="text/html; charset=utf-8")
        rows = "".join(
            f"<li>{html.escape(str(zone['name']))}: {'due' if zone['due'] else 'fine'}</li>" for zone in schedule.all()
        )
        return Answer(
            body=page(f"<ul>{rows}</ul>" if rows else "<p>No zones yet: add some in the options.</p>"),
            content_type="text/html; charset=utf-8",
        )

    def get_zones(request: Request, _values: Mapping[str, str]) -> Answer:
        access.require(request)
        return json_answer({"zones": schedule.all()})

    def get_zone(request: Request, values: Mapping[str, str]) -> Answer:
        access.require(request)
        return json_answer(_found(schedule.one(values["zone"])))

    def post_cleaned(request: Request, values: Mapping[str, str]) -> Answer:
        access.require(request)
        request.json()
        return json_answer(_found(schedule.cleaned(values["zone"])), HTTPStatus.CREATED)

    def post_session(request: Request, _values: Mapping[str, str]) -> Answer:
        if not access.matches(request.json().get("token", "")):
            raise HttpError(HTTPStatus.UNAUTHORIZED, "The token is wrong.")
        return json_answer(
            {"seconds": sessions.seconds},
            HTTPStatus.CREATED,
            (("Set-Cookie", cookie(sessions.begin(time.time()), sessions.seconds, request)),),
        )

    def get_session(request: Request, _values: Mapping[str, str]) -> Answer:
        found = sessions.find(request.cookie(COOKIE))
        if found is None:
            raise HttpError(HTTPStatus.UNAUTHORIZED, "There is no session.")
        return json_answer(found)

    def delete_session(request: Request, _values: Mapping[str, str]) -> Answer:
        sessions.end(request.cookie(COOKIE))
        return Answer(HTTPStatus.NO_CONTENT, headers=(("Set-Cookie", cookie("", 0, request)),))

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


def cookie(value: str, seconds: int, request: Request) -> str:
    secure = "; Secure" if request.secure else ""
    return f"{COOKIE}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{secure}"


def page(content: str) -> bytes:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>AICleaner</title></head>'
        f"<body><h1>AICleaner</h1>{content}</body></html>\n"
    ).encode()


def _found(state: dict[str, object] | None) -> dict[str, object]:
    if state is None:
        raise HttpError(HTTPStatus.NOT_FOUND, "There is no such zone.")
    return state
