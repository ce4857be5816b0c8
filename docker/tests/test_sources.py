import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from unittest import TestCase, skipIf

from aicleaner.sources import OptionsUnavailable, from_environment, read_options


@contextmanager
def supervisor(body: bytes, status: int = 200) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """Runs a fake Supervisor API on loopback; yields its URL and the requests that it received."""
    requests: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()


class ReadOptionsTest(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)

    def write(self, text: str) -> None:
        (self.data / "options.json").write_text(text, encoding="utf-8")

    def test_reads_the_file(self) -> None:
        self.write('{"log_level": "debug"}')
        self.assertEqual(read_options(self.data, {}), {"log_level": "debug"})

    def test_environment_variables_override_the_file(self) -> None:
        self.write('{"log_level": "debug", "cache_seconds": 1}')
        options = read_options(self.data, {"AICLEANER_LOG_LEVEL": "error"})
        self.assertEqual(options, {"log_level": "error", "cache_seconds": 1})

    def test_returns_no_options_without_a_file_and_a_supervisor(self) -> None:
        self.assertEqual(read_options(self.data, {}), {})

    def test_uses_the_supervisor_api_if_there_is_no_file(self) -> None:
        with supervisor(json.dumps({"result": "ok", "data": {"log_level": "warning"}}).encode()) as (url, requests):
            options = read_options(self.data, {"SUPERVISOR_TOKEN": "secret", "SUPERVISOR_API": url})
        self.assertEqual(options, {"log_level": "warning"})
        self.assertEqual(requests, [("/addons/self/options/config", "Bearer secret")])

    @skipIf(os.geteuid() == 0, "root reads every file")
    def test_uses_the_supervisor_api_if_only_root_can_read_the_file(self) -> None:
        self.write("{}")
        (self.data / "options.json").chmod(0)
        with self.assertRaisesRegex(OptionsUnavailable, "SUPERVISOR_TOKEN is not set"):
            read_options(self.data, {})
        with supervisor(b'{"result": "ok", "data": {"log_level": "warning"}}') as (url, _):
            options = read_options(self.data, {"SUPERVISOR_TOKEN": "secret", "SUPERVISOR_API": url})
        self.assertEqual(options, {"log_level": "warning"})

    def test_fails_if_the_file_is_invalid(self) -> None:
        for text in ("{", "[]", "\ufeff{"):
            with self.subTest(text):
                self.write(text)
                with self.assertRaises(OptionsUnavailable):
                    read_options(self.data, {})

    def test_fails_if_the_supervisor_response_is_invalid(self) -> None:
        for body, status in ((b"{}", 401), (b"not JSON", 200), (b'{"result": "error", "message": "x"}', 200)):
            with self.subTest(body), supervisor(body, status) as (url, _), self.assertRaises(OptionsUnavailable):
                read_options(self.data, {"SUPERVISOR_TOKEN": "secret", "SUPERVISOR_API": url})


class FromEnvironmentTest(TestCase):
    def test_reads_secrets_from_files(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".secret") as file:
            file.write("hunter2\n")
            file.flush()
            self.assertEqual(from_environment({"AICLEANER_API_TOKEN_FILE": file.name}), {"api_token": "hunter2"})

    def test_fails_if_a_secret_file_is_missing(self) -> None:
        with self.assertRaisesRegex(OptionsUnavailable, "API_TOKEN_FILE"):
            from_environment({"AICLEANER_API_TOKEN_FILE": "/nowhere/token"})

    def test_reads_zones_from_json(self) -> None:
        self.assertEqual(from_environment({"AICLEANER_ZONES": '[{"name": "A"}]'}), {"zones": [{"name": "A"}]})
        with self.assertRaises(OptionsUnavailable):
            from_environment({"AICLEANER_ZONES": "A"})

    def test_ignores_empty_variables(self) -> None:
        self.assertEqual(from_environment({"AICLEANER_REDIS_URL": "", "AICLEANER_ZONES": ""}), {})
