"""Entry point of the add-on: options, logging, signals, service."""

from __future__ import annotations

import logging
import os
import signal
import sys
from pathlib import Path

from .options import InvalidOptions, Options, parse_options
from .privileges import drop_privileges
from .service import Service
from .sources import OptionsUnavailable, read_options

log = logging.getLogger("aicleaner")
INVALID_OPTIONS_EXIT_CODE = 2


def main() -> int:
    logging.basicConfig(stream=sys.stdout, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", level="INFO")
    data = Path(os.environ.get("AICLEANER_DATA") or "/data")
    try:
        options: Options = parse_options(read_options(data, os.environ))
    except InvalidOptions as error:
        for problem in error.problems:
            log.error("Invalid option %s", problem)
        return INVALID_OPTIONS_EXIT_CODE
    except OptionsUnavailable as error:
        log.error("Cannot read the options: %s", error)
        return INVALID_OPTIONS_EXIT_CODE
    logging.getLogger().setLevel(options.log_level.upper())
    if drop_privileges(data):
        log.info("Dropped root privileges.")
    service = Service(options, data / "aicleaner", os.environ, port=int(os.environ.get("AICLEANER_PORT") or 8000))
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: service.server.stop())
    service.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
