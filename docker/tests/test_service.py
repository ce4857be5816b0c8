import http.client
import json
import socket
import tempfile
import time
from pathlib import Path
from threading import Thread
from unittest import TestCase

from aicleaner.healthcheck import healthy
from aicleaner.options import Options, parse_options
from aicleaner.service import Service

JSON = {"Content-Type": "application/json"}
ZONES = [{"name": "Kitchen", "every_hours": 24}, {"name": "<b>Bath</b>", "every_hours": 24}]


class Running(TestCase):
    """A service on a free port of loopback, with its own data folder."""

    raw: dict[str, object] = {"zones": ZONES}
    environment: dict[str, str] = {}

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)
        self.service = self.start(parse_options(self.raw))

    def start(self, options: Options) -> Service:
        service = Service(options, self.data, self.environment, host="127.0.0.1", port=0)
        thread = Thread(target=service.run)
        thread.start()

        def stop() -> None:
            service.server.stop()
            thread.join(10)
            self.assertFalse(thread.is_alive())

        self.addCleanup(stop)
        return service

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.service.server.port, timeout=5)
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {**(JSON if sent else {}), **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers

    def metric(self, line: str) -> float:
        text = self.ask("GET", "/metrics")[1]
        values = [float(found.rpartition(" ")[2]) for found in text.splitlines() if found.startswith(line + " ")]
        self.assertEqual(len(values), 1, line)
        return values[0]


class Open(Running):
    def test_is_healthy_without_redis(self) -> None:
        status, text, _ = self.ask("GET", "/api/health")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(text) | {"uptime_seconds": 0}, {
            "status": "ok", "version": "dev", "uptime_seconds": 0, "store": "memory", "journal": "file",
        })
        self.assertTrue(healthy(self.service.server.port))

    def test_a_cleaned_zone_is_no_longer_due(self) -> None:
        self.assertEqual(self.metric('aicleaner_zones{state="due"}'), 2)
        status, text, _ = self.ask("POST", "/api/zones/kitchen/cleaned", {})
        self.assertEqual((status, json.loads(text)["due"]), (201, False))
        zones = json.loads(self.ask("GET", "/api/zones")[1])["zones"]
        self.assertEqual([(zone["name"], zone["due"]) for zone in zones], [("<b>Bath</b>", True), ("Kitchen", False)])
        self.assertEqual(self.metric('aicleaner_zones{state="due"}'), 1)
        self.assertEqual(self.metric('aicleaner_cleanings_total{zone="kitchen"}'), 1)

    def test_the_schedule_is_cached_until_something_changes(self) -> None:
        for _ in range(3):
            self.ask("GET", "/api/zones")
        self.assertEqual(self.metric('aicleaner_cache_requests_total{result="hit"}'), 2)
        self.ask("POST", "/api/zones/kitchen/cleaned", {})
        self.ask("GET", "/api/zones")
        self.assertEqual(self.metric('aicleaner_cache_requests_total{result="miss"}'), 2)

    def test_remembers_after_a_restart(self) -> None:
        self.ask("POST", "/api/zones/kitchen/cleaned", {})
        self.service = self.start(parse_options(self.raw))
        self.assertFalse(json.loads(self.ask("GET", "/api/zones/kitchen")[1])["due"])

    def test_shows_names_as_text(self) -> None:
        _, text, _ = self.ask("GET", "/")
        self.assertIn("&lt;b&gt;Bath&lt;/b&gt;", text)
        self.assertNotIn("<b>", text)

    def test_says_what_is_wrong(self) -> None:
        for method, path, body, headers, expected in (
            ("GET", "/nowhere", None, {}, 404),
            ("GET", "/api/zones/attic", None, {}, 404),
            ("POST", "/api/zones/attic/cleaned", {}, {}, 404),
            ("DELETE", "/api/zones", None, {}, 405),
            ("POST", "/api/zones/kitchen/cleaned", None, {}, 415),
            ("POST", "/api/zones/kitchen/cleaned", {}, {"Content-Type": "text/plain"}, 415),
            ("POST", "/api/zones/kitchen/cleaned", [1], {}, 400),
            ("POST", "/api/zones/kitchen/cleaned", {"x": "y" * 70_000}, {}, 413),
        ):
            with self.subTest(f"{method} {path} {expected}"):
                self.assertEqual(self.ask(method, path, body, headers)[0], expected)

    def test_made_up_paths_and_methods_do_not_make_series(self) -> None:
        for path in ("/a", "/b", "/c"):
            self.ask("GET", path)
        self.ask("BREW", "/api/zones")
        self.assertEqual(
            self.metric('aicleaner_http_requests_total{method="GET",route="none",status="404"}'), 3
        )
        self.assertEqual(
            self.metric('aicleaner_http_requests_total{method="other",route="none",status="405"}'), 1
        )

    def test_head_has_no_body(self) -> None:
        status, text, headers = self.ask("HEAD", "/api/health")
        self.assertEqual((status, text), (200, ""))
        self.assertGreater(int(headers["Content-Length"]), 0)


class Guarded(Running):
    raw = {"zones": ZONES, "api_token": "hunter2"}

    def test_health_and_metrics_stay_open(self) -> None:
        self.assertEqual(self.ask("GET", "/api/health")[0], 200)
        self.assertEqual(self.ask("GET", "/metrics")[0], 200)

    def test_everything_else_needs_the_token(self) -> None:
        for method, path, body in (
            ("GET", "/api/zones", None),
            ("GET", "/api/zones/kitchen", None),
            ("GET", "/api/zones/attic", None),
            ("POST", "/api/zones/kitchen/cleaned", {}),
        ):
            for token, expected in (("", 401), ("wrong", 401)):
                with self.subTest(f"{method} {path} {token}"):
                    status, _, _ = self.ask(method, path, body, {"Authorization": f"Bearer {token}"})
                    self.assertEqual(status, expected)
        self.assertEqual(self.ask("GET", "/api/zones", headers={"Authorization": "Bearer hunter2"})[0], 200)
        self.assertNotIn("Kitchen", self.ask("GET", "/")[1])

    def test_a_session_lasts_until_it_is_ended(self) -> None:
        self.assertEqual(self.ask("POST", "/api/session", {"token": "wrong"})[0], 401)
        self.assertEqual(self.ask("POST", "/api/session", {"token": ["hunter2"]})[0], 401)
        status, _, headers = self.ask("POST", "/api/session", {"token": "hunter2"})
        self.assertEqual(status, 201)
        cookie = headers["Set-Cookie"]
        for attribute in ("HttpOnly", "SameSite=Strict", "Max-Age=43200"):
            self.assertIn(attribute, cookie)
        own = {"Cookie": cookie.partition(";")[0]}
        self.assertEqual(self.ask("GET", "/api/zones", headers=own)[0], 200)
        self.assertEqual(self.ask("GET", "/api/session", headers=own)[0], 200)
        self.assertEqual(self.ask("DELETE", "/api/session", headers=own)[0], 204)
        self.assertEqual(self.ask("GET", "/api/zones", headers=own)[0], 401)
        self.assertEqual(self.ask("GET", "/api/session", headers=own)[0], 401)

    def test_only_a_trusted_proxy_is_believed_that_the_client_came_by_tls(self) -> None:
        _, _, headers = self.ask("POST", "/api/session", {"token": "hunter2"}, {"X-Forwarded-Proto": "https"})
        self.assertNotIn("Secure", headers["Set-Cookie"])

    def test_the_address_of_ingress_is_only_believed_from_the_network(self) -> None:
        self.assertEqual(self.ask("GET", "/api/zones", headers={"X-Forwarded-For": "172.30.32.2"})[0], 401)


class BehindAProxy(Running):
    raw = {"api_token": "hunter2"}
    environment = {"AICLEANER_TRUSTED_PROXY": "127.0.0.1"}

    def test_a_cookie_given_by_tls_stays_there(self) -> None:
        for scheme, check in (("https", self.assertIn), ("http", self.assertNotIn)):
            _, _, headers = self.ask("POST", "/api/session", {"token": "hunter2"}, {"X-Forwarded-Proto": scheme})
            check("Secure", headers["Set-Cookie"])


class WithoutItsRedis(Running):
    raw = {"zones": ZONES, "redis_url": "redis://127.0.0.1:1/0"}

    def test_is_degraded_and_does_its_work(self) -> None:
        status, text, _ = self.ask("GET", "/api/health")
        self.assertEqual((status, json.loads(text)["status"]), (200, "degraded"))
        self.assertEqual(self.metric("aicleaner_store_configured"), 1)
        self.assertEqual(self.metric("aicleaner_store_connected"), 0)
        self.assertEqual(self.ask("POST", "/api/zones/kitchen/cleaned", {})[0], 201)


class Stopping(Running):
    def test_finishes_the_request_in_flight_and_takes_no_more(self) -> None:
        port = self.service.server.port
        slow = socket.create_connection(("127.0.0.1", port), 5)
        slow.sendall(b"POST /api/zones/kitchen/cleaned HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 2\r\n\r\n{")
        time.sleep(0.2)
        self.service.server.stop()
        slow.sendall(b"}")
        self.assertTrue(slow.recv(100).startswith(b"HTTP/1.1 201"))
        slow.close()
        deadline = time.monotonic() + 3
        while healthy(port, 0.5) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertFalse(healthy(port, 0.5))
