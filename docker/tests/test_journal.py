import tempfile
from pathlib import Path
from unittest import TestCase

from aicleaner.journal import MAX_PER_ZONE, Journal


class JournalTest(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "data" / "journal.jsonl"

    def test_survives_a_restart(self) -> None:
        first = Journal(self.path)
        first.add("kitchen", 2.0)
        first.add("kitchen", 1.0)
        second = Journal(self.path)
        self.assertEqual(second.cleanings(), {"kitchen": (1.0, 2.0)})
        self.assertTrue(second.persistent)

    def test_ignores_a_line_truncated_by_a_power_failure(self) -> None:
        Journal(self.path).add("kitchen", 1.0)
        with self.path.open("a", encoding="utf-8") as file:
            file.write('{"zone": "kitchen", "a')
        with self.assertLogs("aicleaner.journal", "WARNING"):
            reopened = Journal(self.path)
        reopened.add("kitchen", 3.0)
        self.assertEqual(Journal(self.path).cleanings(), {"kitchen": (1.0, 3.0)})

    def test_keeps_only_the_latest_cleanings(self) -> None:
        journal = Journal(self.path)
        for at in range(MAX_PER_ZONE + 10):
            journal.add("kitchen", float(at))
        self.assertEqual(len(Journal(self.path).cleanings()["kitchen"]), MAX_PER_ZONE)
        self.assertEqual(len(self.path.read_text(encoding="utf-8").splitlines()), MAX_PER_ZONE)

    def test_falls_back_to_memory_if_the_path_is_not_writable(self) -> None:
        self.path.parent.write_text("a file in place of the folder", encoding="utf-8")
        with self.assertLogs("aicleaner.journal", "WARNING"):
            journal = Journal(self.path)
        journal.add("kitchen", 1.0)
        self.assertFalse(journal.persistent)
        self.assertEqual(journal.cleanings(), {"kitchen": (1.0,)})
