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


class ServiceTestCase(TestCase):
    """Runs the service on a free loopback port, with a temporary data folder."""

    raw_options: dict[str, object] = {"zones": ZONES}
    environment: dict[str, str] = {}

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)
        self.service = self.start(parse_options(self.raw_options))

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

    def request(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.service.server.port, timeout=5)
        encoded = None if body is None else json.dumps(body)
        connection.request(method, path, encoded, {**(JSON if encoded else {}), **(headers or {})})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text, response.headers

    def metric(self, line: str) -> float:
        text = self.request("GET", "/metrics")[1]
        values = [float(series.rpartition(" ")[2]) for series in text.splitlines() if series.startswith(line + " ")]
        self.assertEqual(len(values), 1, line)
        return values[0]


class WithoutTokenTest(ServiceTestCase):
    def test_is_healthy_without_redis(self) -> None:
        status, text, _ = self.request("GET", "/api/health")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(text) | {"uptime_seconds": 0}, {
            "status": "ok", "version": "dev", "uptime_seconds": 0, "store": "memory", "journal": "file",
        })
        self.assertTrue(healthy(self.service.server.port))

    def test_a_cleaned_zone_is_not_due(self) -> None:
        self.assertEqual(self.metric('aicleaner_zones{state="due"}'), 2)
        status, text, _ = self.request("POST", "/api/zones/kitchen/cleaned", {})
        self.assertEqual((status, json.loads(text)["due"]), (201, False))
        zones = json.loads(self.request("GET", "/api/zones")[1])["zones"]
        self.assertEqual([(zone["name"], zone["due"]) for zone in zones], [("<b>Bath</b>", True), ("Kitchen", False)])
        self.assertEqual(self.metric('aicleaner_zones{state="due"}'), 1)
        self.assertEqual(self.metric('aicleaner_cleanings_total{zone="kitchen"}'), 1)

    def test_caches_the_schedule_until_a_cleaning_is_recorded(self) -> None:
        for _ in range(3):
            self.request("GET", "/api/zones")
        self.assertEqual(self.metric('aicleaner_cache_requests_total{result="hit"}'), 2)
        self.request("POST", "/api/zones/kitchen/cleaned", {})
        self.request("GET", "/api/zones")
        self.assertEqual(self.metric('aicleaner_cache_requests_total{result="miss"}'), 2)

    def test_keeps_cleanings_across_a_restart(self) -> None:
        self.request("POST", "/api/zones/kitchen/cleaned", {})
        self.service = self.start(parse_options(self.raw_options))
        self.assertFalse(json.loads(self.request("GET", "/api/zones/kitchen")[1])["due"])

    def test_escapes_zone_names_in_html(self) -> None:
        _, text, _ = self.request("GET", "/")
        self.assertIn("&lt;b&gt;Bath&lt;/b&gt;", text)
        self.assertNotIn("<b>", text)

    def test_rejects_invalid_requests(self) -> None:
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
                self.assertEqual(self.request(method, path, body, headers)[0], expected)

    def test_unknown_paths_and_methods_share_one_series(self) -> None:
        for path in ("/a", "/b", "/c"):
            self.request("GET", path)
        self.request("BREW", "/api/zones")
        self.assertEqual(
            self.metric('aicleaner_http_requests_total{method="GET",route="none",status="404"}'), 3
        )
        self.assertEqual(
            self.metric('aicleaner_http_requests_total{method="other",route="none",status="405"}'), 1
        )

    def test_responds_to_head_without_a_body(self) -> None:
        status, text, headers = self.request("HEAD", "/api/health")
        self.assertEqual((status, text), (200, ""))
        self.assertGreater(int(headers["Content-Length"]), 0)


class WithTokenTest(ServiceTestCase):
    raw_options = {"zones": ZONES, "api_token": "hunter2"}

    def test_health_and_metrics_need_no_token(self) -> None:
        self.assertEqual(self.request("GET", "/api/health")[0], 200)
        self.assertEqual(self.request("GET", "/metrics")[0], 200)

    def test_other_paths_need_the_token(self) -> None:
        for method, path, body in (
            ("GET", "/api/zones", None),
            ("GET", "/api/zones/kitchen", None),
            ("GET", "/api/zones/attic", None),
            ("POST", "/api/zones/kitchen/cleaned", {}),
        ):
            for token, expected in (("", 401), ("wrong", 401)):
                with self.subTest(f"{method} {path} {token}"):
                    status, _, _ = self.request(method, path, body, {"Authorization": f"Bearer {token}"})
                    self.assertEqual(status, expected)
        self.assertEqual(self.request("GET", "/api/zones", headers={"Authorization": "Bearer hunter2"})[0], 200)
        self.assertNotIn("Kitchen", self.request("GET", "/")[1])

    def test_a_session_is_valid_until_it_is_deleted(self) -> None:
        self.assertEqual(self.request("POST", "/api/session", {"token": "wrong"})[0], 401)
        self.assertEqual(self.request("POST", "/api/session", {"token": ["hunter2"]})[0], 401)
        status, _, headers = self.request("POST", "/api/session", {"token": "hunter2"})
        self.assertEqual(status, 201)
        cookie = headers["Set-Cookie"]
        for attribute in ("HttpOnly", "SameSite=Strict", "Max-Age=43200"):
            self.assertIn(attribute, cookie)
        session = {"Cookie": cookie.partition(";")[0]}
        self.assertEqual(self.request("GET", "/api/zones", headers=session)[0], 200)
        self.assertEqual(self.request("GET", "/api/session", headers=session)[0], 200)
        self.assertEqual(self.request("DELETE", "/api/session", headers=session)[0], 204)
        self.assertEqual(self.request("GET", "/api/zones", headers=session)[0], 401)
        self.assertEqual(self.request("GET", "/api/session", headers=session)[0], 401)

    def test_ignores_forwarded_proto_from_an_untrusted_client(self) -> None:
        _, _, headers = self.request("POST", "/api/session", {"token": "hunter2"}, {"X-Forwarded-Proto": "https"})
        self.assertNotIn("Secure", headers["Set-Cookie"])

    def test_ignores_the_ingress_address_in_forwarded_for(self) -> None:
        self.assertEqual(self.request("GET", "/api/zones", headers={"X-Forwarded-For": "172.30.32.2"})[0], 401)


class BehindProxyTest(ServiceTestCase):
    raw_options = {"api_token": "hunter2"}
    environment = {"AICLEANER_TRUSTED_PROXY": "127.0.0.1"}

    def test_sets_the_secure_attribute_only_for_https(self) -> None:
        for scheme, check in (("https", self.assertIn), ("http", self.assertNotIn)):
            _, _, headers = self.request("POST", "/api/session", {"token": "hunter2"}, {"X-Forwarded-Proto": scheme})
            check("Secure", headers["Set-Cookie"])


class RedisUnreachableTest(ServiceTestCase):
    raw_options = {"zones": ZONES, "redis_url": "redis://127.0.0.1:1/0"}

    def test_is_degraded_but_serves_requests(self) -> None:
        status, text, _ = self.request("GET", "/api/health")
        self.assertEqual((status, json.loads(text)["status"]), (200, "degraded"))
        self.assertEqual(self.metric("aicleaner_store_configured"), 1)
        self.assertEqual(self.metric("aicleaner_store_connected"), 0)
        self.assertEqual(self.request("POST", "/api/zones/kitchen/cleaned", {})[0], 201)


class StopTest(ServiceTestCase):
    def test_finishes_the_request_in_flight_and_accepts_no_new_ones(self) -> None:
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
