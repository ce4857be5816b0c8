"""Waitress with a graceful stop: requests in flight can finish."""

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
    """Serves `application` until `stop`. The constructor binds the port, so a second instance fails immediately.

    `trusted_proxy` is the address of the reverse proxy, or `*` if only a proxy can reach the port.
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
            # Below Waitress's overflow sizes: it never spools to a file, so the root file system can be read-only.
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
        """Safe to call from a signal handler or another thread."""
        self._stopping = True
        # A second signal can arrive after everything is closed.
        with suppress(OSError):
            self._server.pull_trigger()

    def run(self, grace_period: float = 5.0) -> None:
        """Returns after `stop`, within `grace_period` seconds plus one for the worker threads."""
        log.info("Listening on port %d.", self.port)
        while not self._stopping:
            self._poll(1.0)
        self._stop_accepting()
        deadline = time.monotonic() + grace_period
        while self._busy() and time.monotonic() < deadline:
            self._poll(0.1)
        self._server.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map)

    def _poll(self, timeout: float) -> None:
        wasyncore.loop(timeout=timeout, use_poll=True, map=self._map, count=1)

    def _stop_accepting(self) -> None:
        # Remove the listener from the map; `close` would also close the connections of requests in flight.
        self._server.del_channel()
        self._server.socket.close()

    def _busy(self) -> bool:
        channels = list(self._server.active_channels.values())
        return any(channel.request or channel.requests or channel.total_outbufs_len for channel in channels)


def proxy_settings(address: str) -> dict[str, object]:
    """Trusts only the X-Forwarded-Proto header of the proxy; the service does not use client addresses from it."""
    return {"trusted_proxy": address, "trusted_proxy_headers": {"x-forwarded-proto"}} if address else {}
