from unittest import TestCase

from aicleaner.options import InvalidOptions, Options, parse_options


class ParseOptionsTest(TestCase):
    def test_uses_defaults_for_missing_options(self) -> None:
        self.assertEqual(parse_options({}), Options())

    def test_accepts_values_that_the_schema_allows(self) -> None:
        options = parse_options(
            {
                "log_level": "debug",
                "redis_url": "redis://redis:6379/0",
                "session_hours": 1,
                "zones": [{"name": "Küche", "every_hours": 5}],
                "option_of_a_newer_version": [1],
            }
        )
        self.assertEqual(options.log_level, "debug")
        self.assertEqual([(zone.id, zone.every_hours) for zone in options.zones], [("kuche", 5)])

    def test_accepts_numbers_as_strings_from_the_environment(self) -> None:
        self.assertEqual(parse_options({"session_hours": " 24 "}).session_hours, 24)

    def test_uses_the_default_for_null(self) -> None:
        self.assertEqual(parse_options({"api_token": None, "zones": None, "cache_seconds": None}), Options())

    def test_reports_all_problems_at_once(self) -> None:
        with self.assertRaises(InvalidOptions) as raised:
            parse_options(
                {
                    "log_level": "loud",
                    "api_token": 5,
                    "redis_url": "http://redis",
                    "session_hours": True,
                    "cache_seconds": 3601,
                    "zones": [{"name": "A"}, {"name": "a"}, {"name": "?"}, "B", {"name": "C", "every_hours": 0}],
                }
            )
        paths = [problem.partition(":")[0] for problem in raised.exception.problems]
        self.assertCountEqual(
            paths,
            [
                "log_level",
                "api_token",
                "redis_url",
                "session_hours",
                "cache_seconds",
                "zones[1].name",
                "zones[2].name",
                "zones[3]",
                "zones[4].every_hours",
            ],
        )

    def test_does_not_print_the_token(self) -> None:
        with self.assertRaises(InvalidOptions) as raised:
            parse_options({"api_token": ["hunter2"]})
        self.assertNotIn("hunter2", str(raised.exception))
