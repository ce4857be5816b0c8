from unittest import TestCase

from aicleaner.zones import HOUR, Zone, slug, state_of, states_by_urgency, suggested_interval

KITCHEN = Zone("kitchen", "Kitchen", 24)
BATH = Zone("bath", "Bath", 48)
HALL = Zone("hall", "Hall", 12)


class SlugTest(TestCase):
    def test_is_safe_in_urls_and_labels(self) -> None:
        for name, expected in (
            ("Kitchen", "kitchen"),
            ("Küche 2", "kuche-2"),
            ("  Living / Room ", "living-room"),
            ("../../etc", "etc"),
            ("???", ""),
        ):
            with self.subTest(name):
                self.assertEqual(slug(name), expected)


class StateOfTest(TestCase):
    def test_a_zone_that_was_never_cleaned_is_due(self) -> None:
        state = state_of(KITCHEN, [], now=0)
        self.assertTrue(state.due)
        self.assertIsNone(state.due_at)

    def test_is_due_exactly_when_the_interval_has_passed(self) -> None:
        self.assertFalse(state_of(KITCHEN, [0], now=24 * HOUR - 1).due)
        self.assertTrue(state_of(KITCHEN, [0], now=24 * HOUR).due)

    def test_counts_from_the_latest_cleaning(self) -> None:
        self.assertEqual(state_of(KITCHEN, [0, 10 * HOUR], now=0).due_at, 34 * HOUR)


class StatesByUrgencyTest(TestCase):
    def test_sorts_the_most_urgent_zone_first(self) -> None:
        cleanings = {"kitchen": [0.0], "hall": [0.0]}
        order = [state.id for state in states_by_urgency([KITCHEN, BATH, HALL], cleanings, now=0)]
        self.assertEqual(order, ["bath", "hall", "kitchen"])


class SuggestedIntervalTest(TestCase):
    def test_returns_none_for_too_few_cleanings(self) -> None:
        self.assertIsNone(suggested_interval([0, HOUR, 2 * HOUR]))

    def test_ignores_a_single_long_interval(self) -> None:
        self.assertEqual(suggested_interval([0, 20 * HOUR, 40 * HOUR, 60 * HOUR, 360 * HOUR]), 20)
