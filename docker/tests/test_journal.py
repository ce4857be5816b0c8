import tempfile
from pathlib import Path
from unittest import TestCase

from aicleaner.journal import KEPT, Journal


class Journals(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "own" / "journal.jsonl"

    def test_outlives_the_process(self) -> None:
        first = Journal(self.path)
        first.add("kitchen", 2.0)
        first.add("kitchen", 1.0)
        again = Journal(self.path)
        self.assertEqual(again.cleanings(), {"kitchen": (1.0, 2.0)})
        self.assertTrue(again.persistent)

    def test_leaves_out_a_line_that_a_power_cut_tore(self) -> None:
        Journal(self.path).add("kitchen", 1.0)
        with self.path.open("a", encoding="utf-8") as file:
            file.write('{"zone": "kitchen", "a')
        with self.assertLogs("aicleaner.journal", "WARNING"):
            torn = Journal(self.path)
        torn.add("kitchen", 3.0)
        self.assertEqual(Journal(self.path).cleanings(), {"kitchen": (1.0, 3.0)})

    def test_keeps_the_last_ones_only(self) -> None:
        journal = Journal(self.path)
        for at in range(KEPT + 10):
            journal.add("kitchen", float(at))
        self.assertEqual(len(Journal(self.path).cleanings()["kitchen"]), KEPT)
        self.assertEqual(len(self.path.read_text(encoding="utf-8").splitlines()), KEPT)

    def test_goes_on_in_memory_where_nothing_can_be_written(self) -> None:
        self.path.parent.write_text("a file where a folder should be", encoding="utf-8")
        with self.assertLogs("aicleaner.journal", "WARNING"):
            journal = Journal(self.path)
        journal.add("kitchen", 1.0)
        self.assertFalse(journal.persistent)
        self.assertEqual(journal.cleanings(), {"kitchen": (1.0,)})
