"""Who may use the API: anyone where no token is set; else the token, a session made with it, or ingress."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from ..sessions import Sessions
from .messages import HttpError, Request

COOKIE = "aicleaner_session"
# The Supervisor's fixed address; what comes from there has passed Home Assistant's own login.
INGRESS = "172.30.32.2"


class Access:
    def __init__(self, token: str, sessions: Sessions, behind_supervisor: bool) -> None:
        self._token = token
        self._sessions = sessions
        self._behind_supervisor = behind_supervisor

    def require(self, request: Request) -> None:
        if not self.allowed(request):
            raise HttpError(HTTPStatus.UNAUTHORIZED, "Begin a session, or send the token as a bearer token.")

    def allowed(self, request: Request) -> bool:
        if not self._token or (self._behind_supervisor and request.peer == INGRESS):
            return True
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self.matches(token):
            return True
        return self._sessions.find(request.cookie(COOKIE)) is not None

    def matches(self, token: object) -> bool:
        """Compares in constant time, so that the answer's speed tells nothing."""
        return isinstance(token, str) and hmac.compare_digest(token.strip().encode(), self._token.encode())
