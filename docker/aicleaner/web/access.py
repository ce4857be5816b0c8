"""Access control of the API: if a token is set, a request needs the token, a session, or ingress."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from ..sessions import Sessions
from .messages import HttpError, Request

COOKIE = "aicleaner_session"
# The fixed address of the Supervisor. Home Assistant has authenticated the requests that it forwards.
INGRESS_ADDRESS = "172.30.32.2"


class Access:
    def __init__(self, token: str, sessions: Sessions, behind_supervisor: bool) -> None:
        self._token = token
        self._sessions = sessions
        self._behind_supervisor = behind_supervisor

    def require(self, request: Request) -> None:
        if not self.allowed(request):
            raise HttpError(HTTPStatus.UNAUTHORIZED, "Send the token as a bearer token, or create a session.")

    def allowed(self, request: Request) -> bool:
        if not self._token or (self._behind_supervisor and request.peer == INGRESS_ADDRESS):
            return True
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.matches(token):
            return True
        return self._sessions.find(request.cookie(COOKIE)) is not None

    def matches(self, token: object) -> bool:
        """Compares in constant time, so that response times reveal nothing about the token."""
        return isinstance(token, str) and hmac.compare_digest(token.strip().encode(), self._token.encode())
