import os
import socket
import time
from io import BytesIO
from threading import Thread
from unittest import TestCase, skipUnless

from aicleaner.store import StoreError
from aicleaner.store.address import Target, parse_url
from aicleaner.store.memory import MemoryStore
from aicleaner.store.redis import RedisStore
from aicleaner.store.resilient import ResilientStore
from aicleaner.store.resp import ProtocolError, ReplyError, pack, read_reply


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Flaky(MemoryStore):
    """A remote store with a plug to pull."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock=clock)
        self.away = False
        self.calls = 0

    def _check(self) -> None:
        self.calls += 1
        if self.away:
            raise StoreError("unplugged")

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


class Memory(TestCase):
    def test_forgets_in_time(self) -> None:
        clock = Clock()
        store = MemoryStore(clock=clock)
        store.set("a", "1", 10)
        clock.now += 9.9
        self.assertEqual(store.get("a"), "1")
        clock.now += 0.1
        self.assertIsNone(store.get("a"))

    def test_stays_within_its_limit_and_keeps_what_is_used(self) -> None:
        store = MemoryStore(limit=2)
        store.set("a", "1", 10)
        store.set("b", "2", 10)
        store.get("a")
        store.set("c", "3", 10)
        self.assertEqual([store.get(key) for key in "abc"], ["1", None, "3"])

    def test_bears_several_threads(self) -> None:
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


class Resilient(TestCase):
    def setUp(self) -> None:
        self.clock = Clock()
        self.remote = Flaky(self.clock)
        self.store = ResilientStore(self.remote, retry_after=2, clock=self.clock)

    def back(self) -> None:
        self.remote.away = False
        self.clock.now += 2

    def test_what_was_there_before_is_still_there_while_the_remote_is_away(self) -> None:
        self.store.set("a", "1", 60)
        self.remote.away = True
        self.assertEqual(self.store.get("a"), "1")
        self.assertFalse(self.store.connected)

    def test_does_not_wait_for_the_remote_at_every_call(self) -> None:
        self.remote.away = True
        self.store.get("a")
        calls = self.remote.calls
        for _ in range(10):
            self.store.get("a")
            self.store.set("a", "1", 60)
        self.assertEqual(self.remote.calls, calls)

    def test_what_changed_meanwhile_reaches_the_remote_with_the_time_it_has_left(self) -> None:
        self.remote.away = True
        self.store.set("a", "1", 60)
        self.back()
        self.assertEqual(self.store.get("a"), "1")
        self.assertTrue(self.store.connected)
        kept = self.remote.entry("a")
        assert kept is not None
        self.assertEqual(kept, ("1", 58.0))

    def test_what_ended_meanwhile_does_not_live_again(self) -> None:
        self.store.set("session", "1", 60)
        self.remote.away = True
        self.store.delete("session")
        self.back()
        self.assertIsNone(self.store.get("session"))
        self.assertIsNone(self.remote.entry("session"))

    def test_a_ping_catches_up_without_traffic(self) -> None:
        self.remote.away = True
        self.store.set("a", "1", 60)
        self.remote.away = False
        self.store.ping()
        self.assertIsNotNone(self.remote.entry("a"))

    def test_says_it_once(self) -> None:
        with self.assertLogs("aicleaner.store") as logged:
            self.store.ping()
            self.remote.away = True
            for _ in range(3):
                self.clock.now += 3
                self.store.ping()
            self.remote.away = False
            self.store.ping()
        self.assertEqual([record.levelname for record in logged.records], ["INFO", "WARNING", "INFO"])


class Redis:
    """A server on loopback that gives prepared answers; one item of `answers` for each connection that it takes."""

    def __init__(self, answers: list[list[bytes]]) -> None:
        self.got: list[list[bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._serve, args=(answers,), daemon=True).start()

    def _serve(self, answers: list[list[bytes]]) -> None:
        for of_connection in answers:
            connection, _ = self._listener.accept()
            with connection, connection.makefile("rb") as commands:
                for answer in of_connection:
                    # `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`: every second line after the first is an argument.
                    count = int(commands.readline()[1:])
                    self.got.append([commands.readline().strip() for _ in range(2 * count)][1::2])
                    connection.sendall(answer)

    def close(self) -> None:
        self._listener.close()


class Protocol(TestCase):
    def test_packs_lengths_in_bytes(self) -> None:
        self.assertEqual(pack("SET", "ü", 7), b"*3\r\n$3\r\nSET\r\n$2\r\n\xc3\xbc\r\n$1\r\n7\r\n")

    def test_reads_every_reply_that_the_commands_give(self) -> None:
        for received, expected in (
            (b"+OK\r\n", b"OK"),
            (b":1\r\n", 1),
            (b"$-1\r\n", None),
            (b"$0\r\n\r\n", b""),
            (b"$4\r\na\r\nb\r\n", b"a\r\nb"),
        ):
            with self.subTest(received):
                self.assertEqual(read_reply(BytesIO(received)), expected)

    def test_tells_refusal_nonsense_and_a_torn_reply_apart(self) -> None:
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


class Address(TestCase):
    def test_of_every_kind(self) -> None:
        for url, expected in (
            ("redis://redis", Target(host="redis")),
            ("redis://:p%40ss@redis:6380/2", Target(host="redis", port=6380, password="p@ss", database=2)),
            ("rediss://me:pw@[::1]", Target(host="::1", tls=True, user="me", password="pw")),
            ("unix:///run/redis.sock?db=3", Target(path="/run/redis.sock", database=3)),
        ):
            with self.subTest(url):
                self.assertEqual(parse_url(url), expected)

    def test_refuses_what_it_does_not_understand(self) -> None:
        for url in ("http://redis", "redis", "redis://redis/main", "redis://redis:port", "unix://"):
            with self.subTest(url), self.assertRaises(ValueError):
                parse_url(url)


class WithRedis(TestCase):
    def start(self, *answers: list[bytes]) -> Redis:
        server = Redis(list(answers))
        self.addCleanup(server.close)
        return server

    def test_logs_in_and_selects_the_database_first(self) -> None:
        server = self.start([b"+OK\r\n", b"+OK\r\n", b"$2\r\n\xc3\xbc\r\n"])
        store = RedisStore(f"redis://me:pw@{server.address}/3")
        self.assertEqual(store.get("a"), "ü")
        store.close()
        self.assertEqual(server.got, [[b"AUTH", b"me", b"pw"], [b"SELECT", b"3"], [b"GET", b"aicleaner:a"]])

    def test_a_password_of_its_own_wins_over_that_of_the_url(self) -> None:
        server = self.start([b"+OK\r\n", b"+PONG\r\n"])
        store = RedisStore(f"redis://:old@{server.address}", "new")
        store.ping()
        store.close()
        self.assertEqual(server.got[0], [b"AUTH", b"new"])

    def test_connects_anew_when_the_connection_was_closed_meanwhile(self) -> None:
        server = self.start([b"+OK\r\n"], [b"$-1\r\n"])
        store = RedisStore(f"redis://{server.address}")
        store.set("a", "1", 5)
        self.assertIsNone(store.get("a"))
        store.close()
        self.assertEqual(server.got[0], [b"SET", b"aicleaner:a", b"1", b"EX", b"5"])

    def test_an_error_or_nonsense_is_a_store_error(self) -> None:
        for answer in (b"-NOAUTH Authentication required.\r\n", b"HTTP/1.1 400 Bad Request\r\n", b""):
            with self.subTest(answer):
                server = self.start([answer])
                store = RedisStore(f"redis://{server.address}", timeout=0.5)
                with self.assertRaises(StoreError):
                    store.ping()

    def test_silence_is_a_store_error_in_time(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        store = RedisStore(f"redis://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2)
        self.addCleanup(store.close)
        begun = time.monotonic()
        with self.assertRaises(StoreError):
            store.ping()
        self.assertLess(time.monotonic() - begun, 2)

    def test_nobody_there_is_a_store_error(self) -> None:
        store = RedisStore("redis://127.0.0.1:1/0", timeout=0.5)
        with self.assertRaises(StoreError):
            store.ping()

    @skipUnless(os.environ.get("TEST_REDIS_URL"), "needs a Redis: TEST_REDIS_URL")
    def test_keeps_and_forgets(self) -> None:
        store = RedisStore(os.environ["TEST_REDIS_URL"])
        self.addCleanup(store.close)
        store.set("test", "ü", 5)
        self.assertEqual(store.get("test"), "ü")
        store.delete("test")
        self.assertIsNone(store.get("test"))
