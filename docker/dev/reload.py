"""Runs the service under the debugger and starts it anew whenever a source changes. For development only.

Polls instead of listening for file events: those do not pass through the shared folders of Docker Desktop.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

SOURCES = Path("/app/aicleaner")
DEBUGGER = "0.0.0.0:5678"
INTERVAL = 0.5


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Time and size of each source: an editor that keeps one of the two is still noticed."""
    found = {}
    for path in folder.rglob("*.py"):
        try:
            status = path.stat()
        except FileNotFoundError:
            # Replaced at this very moment; the next look sees it.
            continue
        found[str(path)] = (status.st_mtime_ns, status.st_size)
    return found


def start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-Xfrozen_modules=off", "-m", "debugpy", "--listen", DEBUGGER, "-m", "aicleaner"]
    return subprocess.Popen(command)


def stop(service: subprocess.Popen[bytes]) -> int:
    service.terminate()
    try:
        return service.wait(10)
    except subprocess.TimeoutExpired:
        service.kill()
        return service.wait()


def main() -> int:
    stopping = Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    known = snapshot(SOURCES)
    service = start()
    while not stopping.wait(INTERVAL):
        now = snapshot(SOURCES)
        if now == known:
            continue
        changed = sorted(set(now.items()) ^ set(known.items()))
        print(f"Changed: {', '.join(dict.fromkeys(path for path, _ in changed))}; starting anew.", flush=True)
        known = now
        stop(service)
        # The debugger's adapter lets go of its port a moment after the service is gone.
        time.sleep(0.5)
        service = start()
    return stop(service)


if __name__ == "__main__":
    sys.exit(main())
