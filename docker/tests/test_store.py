import os
import socket
import time
from io import BytesIO
from threading import Thread
from unittest import TestCase, skipUnless

from aicleaner.store import StoreError
from aicleaner.store.address import RedisAddress, parse_url
from aicleaner.store.memory import MemoryStore
from aicleaner.store.redis import RedisStore
from aicleaner.store.resilient import ResilientStore
from aicleaner.store.resp import ProtocolError, ReplyError, encode_command, read_reply


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class UnreliableStore(MemoryStore):
    """A remote store that a test can make unreachable."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=clock)
        self.unreachable = False
        self.calls = 0

    def _check(self) -> None:
        self.calls += 1
        if self.unreachable:
            raise StoreError("unreachable")

    def get(self, key: str) -> str | None:
        self._check()
        return super().get(key)

    def set(self, key: str, value: str, seconds: int) -> None:
        self._check()
        super().set(key, value, seconds)

    def delete(self, key: str) -> None:
        self._check()
        super().delete(key)

    def ping(self) -> None:
        self._check()


class MemoryStoreTest(TestCase):
    def test_expires_entries(self) -> None:
        clock = Clock()
        store = MemoryStore(clock=clock)
        store.set("a", "1", 10)
        clock.now += 9.9
        self.assertEqual(store.get("a"), "1")
        clock.now += 0.1
        self.assertIsNone(store.get("a"))

    def test_evicts_the_least_recently_used_entry(self) -> None:
        store = MemoryStore(limit=2)
        store.set("a", "1", 10)
        store.set("b", "2", 10)
        store.get("a")
        store.set("c", "3", 10)
        self.assertEqual([store.get(key) for key in "abc"], ["1", None, "3"])

    def test_is_thread_safe(self) -> None:
        store = MemoryStore(limit=50)

        def work(seed: int) -> None:
            for number in range(500):
                store.set(f"{(seed + number) % 80}", "x", 10)
                store.get(f"{number % 80}")
                store.delete(f"{(seed * number) % 80}")

        threads = [Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLessEqual(sum(store.get(str(key)) is not None for key in range(80)), 50)


class ResilientStoreTest(TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.remote = UnreliableStore(self.clock)
        self.store = ResilientStore(self.remote, retry_after=2, clock=self.clock)

    def reconnect(self) -> None:
        self.remote.unreachable = False
        self.clock.now += 2

    def test_keeps_values_while_the_remote_is_unreachable(self) -> None:
        self.store.set("a", "1", 60)
        self.remote.unreachable = True
        self.assertEqual(self.store.get("a"), "1")
        self.assertFalse(self.store.connected)

    def test_does_not_contact_the_remote_on_every_call(self) -> None:
        self.remote.unreachable = True
        self.store.get("a")
        calls = self.remote.calls
        for _ in range(10):
            self.store.get("a")
            self.store.set("a", "1", 60)
        self.assertEqual(self.remote.calls, calls)

    def test_replays_missed_changes_with_their_remaining_ttl(self) -> None:
        self.remote.unreachable = True
        self.store.set("a", "1", 60)
        self.reconnect()
        self.assertEqual(self.store.get("a"), "1")
        self.assertTrue(self.store.connected)
        stored = self.remote.get_with_ttl("a")
        assert stored is not None
        self.assertEqual(stored, ("1", 58.0))

    def test_replays_missed_deletions(self) -> None:
        self.store.set("session", "1", 60)
        self.remote.unreachable = True
        self.store.delete("session")
        self.reconnect()
        self.assertIsNone(self.store.get("session"))
        self.assertIsNone(self.remote.get_with_ttl("session"))

    def test_ping_replays_missed_changes(self) -> None:
        self.remote.unreachable = True
        self.store.set("a", "1", 60)
        self.remote.unreachable = False
        self.store.ping()
        self.assertIsNotNone(self.remote.get_with_ttl("a"))

    def test_logs_each_change_of_state_once(self) -> None:
        with self.assertLogs("aicleaner.store") as logged:
            self.store.ping()
            self.remote.unreachable = True
            for _ in range(3):
                self.clock.now += 3
                self.store.ping()
            self.remote.unreachable = False
            self.store.ping()
        self.assertEqual([record.levelname for record in logged.records], ["INFO", "WARNING", "INFO"])


class FakeRedis:
    """Listens on loopback and sends prepared replies: each item of `replies` serves one connection."""

    def __init__(self, replies: list[list[bytes]]) -> None:
        self.received: list[list[bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._serve, args=(replies,), daemon=True).start()

    def _serve(self, replies: list[list[bytes]]) -> None:
        for connection_replies in replies:
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rb") as commands:
                for reply in connection_replies:
                    # `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`: every second line after the first is an argument.
                    count = int(commands.readline()[1:])
                    self.received.append([commands.readline().strip() for _ in range(2 * count)][1::2])
                    connection.sendall(reply)

    def close(self) -> None:
        self._listener.close()


class ProtocolTest(TestCase):
    def test_encodes_lengths_in_bytes(self) -> None:
        self.assertEqual(encode_command("SET", "ü", 7), b"*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xbc\r\n$1\r\n7\r\n")

    def test_reads_every_type_of_reply(self) -> None:
        for received, expected in (
            (b"+OK\r\n", b"OK"),
            (b":1\r\n", 1),
            (b"$-1\r\n", None),
            (b"$0\r\n\r\n", b""),
            (b"$4\r\na\r\nb\r\n", b"a\r\nb"),
        ):
            with self.subTest(received):
                self.assertEqual(read_reply(BytesIO(received)), expected)

    def test_distinguishes_rejected_invalid_and_truncated_replies(self) -> None:
        for received, expected in (
            (b"-ERR no\r\n", ReplyError),
            (b"HTTP/1.1 400\r\n", ProtocolError),
            (b"$x\r\n", ProtocolError),
            (b"$-2\r\n", ProtocolError),
            (b"$999999999\r\n", ProtocolError),
            (b"$1\r\nabc", ProtocolError),
            (b"+OK", ProtocolError),
            (b"$5\r\nab", ConnectionError),
            (b"", ConnectionError),
        ):
            with self.subTest(received), self.assertRaises(expected):
                read_reply(BytesIO(received))


class ParseUrlTest(TestCase):
    def test_parses_every_scheme(self) -> None:
        for url, expected in (
            ("redis://redis", RedisAddress(host="redis")),
            ("redis://:p%40ss@redis:6380/2", RedisAddress(host="redis", port=6380, password="p@ss", database=2)),
            ("rediss://me:pw@[::1]", RedisAddress(host="::1", tls=True, user="me", password="pw")),
            ("unix:///run/redis.sock?db=3", RedisAddress(path="/run/redis.sock", database=3)),
        ):
            with self.subTest(url):
                self.assertEqual(parse_url(url), expected)

    def test_rejects_invalid_urls(self) -> None:
        for url in ("http://redis", "redis", "redis://redis/main", "redis://redis:port", "unix://"):
            with self.subTest(url), self.assertRaises(ValueError):
                parse_url(url)


class RedisStoreTest(TestCase):
    def start(self, *replies: list[bytes]) -> FakeRedis:
        server = FakeRedis(list(replies))
        self.addCleanup(server.close)
        return server

    def test_logs_in_and_selects_the_database_first(self) -> None:
        server = self.start([b"+OK\r\n", b"+OK\r\n", b"$2\r\n\xc3\xbc\r\n"])
        store = RedisStore(f"redis://me:pw@{server.address}/3")
        self.assertEqual(store.get("a"), "ü")
        store.close()
        self.assertEqual(server.received, [[b"AUTH", b"me", b"pw"], [b"SELECT", b"3"], [b"GET", b"aicleaner:a"]])

    def test_the_password_option_overrides_the_url(self) -> None:
        server = self.start([b"+OK\r\n", b"+PONG\r\n"])
        store = RedisStore(f"redis://:old@{server.address}", "new")
        store.ping()
        store.close()
        self.assertEqual(server.received[0], [b"AUTH", b"new"])

    def test_reconnects_after_the_connection_was_closed(self) -> None:
        server = self.start([b"+OK\r\n"], [b"$-1\r\n"])
        store = RedisStore(f"redis://{server.address}")
        store.set("a", "1", 5)
        self.assertIsNone(store.get("a"))
        store.close()
        self.assertEqual(server.received[0], [b"SET", b"aicleaner:a", b"1", b"EX", b"5"])

    def test_raises_store_error_for_errors_and_invalid_replies(self) -> None:
        for reply in (b"-NOAUTH Authentication required.\r\n", b"HTTP/1.1 400 Bad Request\r\n", b""):
            with self.subTest(reply):
                server = self.start([reply])
                store = RedisStore(f"redis://{server.address}", timeout=0.5)
                with self.assertRaises(StoreError):
                    store.ping()

    def test_raises_store_error_after_the_timeout(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        store = RedisStore(f"redis://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2)
        self.addCleanup(store.close)
        started = time.monotonic()
        with self.assertRaises(StoreError):
            store.ping()
        self.assertLess(time.monotonic() - started, 2)

    def test_raises_store_error_if_the_connection_is_refused(self) -> None:
        store = RedisStore("redis://127.0.0.1:1/0", timeout=0.5)
        with self.assertRaises(StoreError):
            store.ping()

    @skipUnless(os.environ.get("TEST_REDIS_URL"), "TEST_REDIS_URL is not set")
    def test_sets_gets_and_deletes(self) -> None:
        store = RedisStore(os.environ["TEST_REDIS_URL"])
        self.addCleanup(store.close)
        store.set("test", "ü", 5)
        self.assertEqual(store.get("test"), "ü")
        store.delete("test")
        self.assertIsNone(store.get("test"))
