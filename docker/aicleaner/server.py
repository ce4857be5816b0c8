"""Waitress with a stop that lets requests in flight finish."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress

from waitress import wasyncore
from waitress.server import create_server

from .web.messages import BODY_LIMIT

log = logging.getLogger("aicleaner.server")


class Server:
    """Serves `application` until `stop`; the port is taken when this is made, so a second instance fails at once.

    `trusted_proxy` is the address of the proxy in front, or `*` where only a proxy can reach the port.
    """

    def __init__(self, application: Callable[..., object], host: str, port: int, trusted_proxy: str = "") -> None:
        self._map: dict[int, object] = {}
        self._server = create_server(
            application,
            map=self._map,
            host=host,
            port=port,
            threads=4,
            ident="aicleaner",
            # Smaller than Waitress's overflow sizes: nothing is ever spooled to a file, so the root may be read-only.
            max_request_body_size=BODY_LIMIT,
            max_request_header_size=16 * 1024,
            connection_limit=200,
            channel_timeout=30,
            clear_untrusted_proxy_headers=True,
            **proxy_settings(trusted_proxy),
        )
        self._stopping = False

    @property
    def port(self) -> int:
        return self._server.socket.getsockname()[1]

    @property
    def stopping(self) -> bool:
        return self._stopping

    def stop(self) -> None:
        """May be called from a signal handler or another thread."""
        self._stopping = True
        # A second signal may come when everything is closed already.
        with suppress(OSError):
            self._server.pull_trigger()

    def run(self, patience: float = 5.0) -> None:
        """Returns after `stop`, at the latest `patience` seconds later."""
        log.info("Listening on port %d.", self.port)
        while not self._stopping:
            self._turn(1.0)
        self._refuse_new()
        deadline = time.monotonic() + patience
        while self._busy() and time.monotonic() < deadline:
            self._turn(0.1)
        self._server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map)

    def _turn(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, use_poll=True, map=self._map, count=1)

    def _refuse_new(self) -> None:
        # Off the map, not `close`: that would close the channels of requests in flight as well.
        self._server.del_channel()
        self._server.socket.close()

    def _busy(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.request or channel.requests or channel.total_outbufs_len for channel in channels)


def proxy_settings(address: str) -> dict[str, object]:
    """Believes the proxy only in whether the client came by TLS; the client's address is not needed."""
    return {"trusted_proxy": address, "trusted_proxy_headers": {"x-forwarded-proto"}} if address else {}
