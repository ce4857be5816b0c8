import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from unittest import TestCase, skipIf

from aicleaner.sources import NoOptions, from_environment, read_options


@contextmanager
def supervisor(answer: bytes, status: int = 200) -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A real server on loopback; yields its address and the requests that it got."""
    seen: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


class ReadOptions(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = Path(folder.name)

    def write(self, text: str) -> None:
        (self.data / "options.json").write_text(text, encoding="utf-8")

    def test_reads_the_file(self) -> None:
        self.write('{"log_level": "debug"}')
        self.assertEqual(read_options(self.data, {}), {"log_level": "debug"})

    def test_the_environment_wins(self) -> None:
        self.write('{"log_level": "debug", "cache_seconds": 1}')
        found = read_options(self.data, {"AICLEANER_LOG_LEVEL": "error"})
        self.assertEqual(found, {"log_level": "error", "cache_seconds": 1})

    def test_without_file_and_supervisor_there_are_no_options(self) -> None:
        self.assertEqual(read_options(self.data, {}), {})

    def test_asks_the_supervisor_where_there_is_no_file(self) -> None:
        with supervisor(json.dumps({"result": "ok", "data": {"log_level": "warning"}}).encode()) as (url, seen):
            found = read_options(self.data, {"SUPERVISOR_TOKEN": "secret", "SUPERVISOR_API": url})
        self.assertEqual(found, {"log_level": "warning"})
        self.assertEqual(seen, [("/addons/self/options/config", "Bearer secret")])

    @skipIf(os.geteuid() == 0, "root reads every file")
    def test_asks_the_supervisor_where_the_file_is_for_root_only(self) -> None:
        self.write("{}")
        (self.data / "options.json").chmod(0)
        with self.assertRaisesRegex(NoOptions, "no Supervisor to ask"):
            read_options(self.data, {})
        with supervisor(b'{"result": "ok", "data": {"log_level": "warning"}}') as (url, _):
            found = read_options(self.data, {"SUPERVISOR_TOKEN": "secret", "SUPERVISOR_API": url})
        self.assertEqual(found, {"log_level": "warning"})

    def test_does_not_start_with_defaults_where_the_options_are_broken(self) -> None:
        for text in ("{", "[]", "\ufeff{"):
            with self.subTest(text):
                self.write(text)
                with self.assertRaises(NoOptions):
                    read_options(self.data, {})

    def test_does_not_start_with_defaults_where_the_supervisor_refuses(self) -> None:
        for answer, status in ((b"{}", 401), (b"no json", 200), (b'{"result": "error", "message": "x"}', 200)):
            with self.subTest(answer), supervisor(answer, status) as (url, _), self.assertRaises(NoOptions):
                read_options(self.data, {"SUPERVISOR_TOKEN": "secret", "SUPERVISOR_API": url})


class FromEnvironment(TestCase):
    def test_reads_secrets_from_files(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".secret") as file:
            file.write("hunter2\n")
            file.flush()
            self.assertEqual(from_environment({"AICLEANER_API_TOKEN_FILE": file.name}), {"api_token": "hunter2"})

    def test_a_missing_secret_is_an_error_not_an_open_door(self) -> None:
        with self.assertRaisesRegex(NoOptions, "API_TOKEN_FILE"):
            from_environment({"AICLEANER_API_TOKEN_FILE": "/nowhere/token"})

    def test_zones_are_json(self) -> None:
        self.assertEqual(from_environment({"AICLEANER_ZONES": '[{"name": "A"}]'}), {"zones": [{"name": "A"}]})
        with self.assertRaises(NoOptions):
            from_environment({"AICLEANER_ZONES": "A"})

    def test_empty_means_not_given(self) -> None:
        self.assertEqual(from_environment({"AICLEANER_REDIS_URL": "", "AICLEANER_ZONES": ""}), {})
