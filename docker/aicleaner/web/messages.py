"""Request and response as plain values, and their conversion from and to WSGI."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any

BODY_LIMIT = 64 * 1024


class HttpError(Exception):
    """Aborts a request with this status and message."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""
    secure: bool = False

    def cookie(self, name: str) -> str:
        try:
            morsel = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return ""
        return morsel.value if morsel else ""

    def json(self) -> dict[str, object]:
        # Browsers send this type across origins only after a preflight request, which this service rejects.
        if self.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise HttpError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The content type must be application/json.")
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise HttpError(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from error
        if not isinstance(value, dict):
            raise HttpError(HTTPStatus.BAD_REQUEST, "The body is not a JSON object.")
        return value


@dataclass(frozen=True)
class Response:
    status: HTTPStatus = HTTPStatus.OK
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


def json_response(
    value: object, status: HTTPStatus = HTTPStatus.OK, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    return Response(status, json.dumps(value).encode() + b"\n", "application/json", headers)


def from_wsgi(environ: Mapping[str, Any]) -> Request:
    headers = {
        key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError as error:
        raise HttpError(HTTPStatus.BAD_REQUEST, "Content-Length is not a number.") from error
    if length > BODY_LIMIT:
        raise HttpError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body exceeds {BODY_LIMIT} bytes.")
    return Request(
        method=environ["REQUEST_METHOD"],
        path=environ.get("PATH_INFO") or "/",
        headers=headers,
        body=environ["wsgi.input"].read(length) if length > 0 else b"",
        peer=environ.get("REMOTE_ADDR", ""),
        secure=environ.get("wsgi.url_scheme") == "https",
    )


def to_wsgi(response: Response, method: str, start_response: Any) -> Iterable[bytes]:
    start_response(
        f"{response.status.value} {response.status.phrase}",
        [
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            *response.headers,
        ],
    )
    return [] if method == "HEAD" else [response.body]
