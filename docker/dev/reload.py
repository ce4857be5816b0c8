"""Runs the service under the debugger and restarts it whenever a source file changes. For development only.

Polls instead of watching for file events, because Docker Desktop does not forward them for shared folders.
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
    """Modification time and size of each source file; comparing both catches editors that preserve one of them."""
    files = {}
    for path in folder.rglob("*.py"):
        try:
            status = path.stat()
        except FileNotFoundError:
            # The file is being replaced; the next snapshot contains it.
            continue
        files[str(path)] = (status.st_mtime_ns, status.st_size)
    return files


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
    previous = snapshot(SOURCES)
    service = start()
    while not stopping.wait(INTERVAL):
        current = snapshot(SOURCES)
        if current == previous:
            continue
        changed = sorted(set(current.items()) ^ set(previous.items()))
        print(f"Changed: {', '.join(dict.fromkeys(path for path, _ in changed))}. Restarting.", flush=True)
        previous = current
        stop(service)
        # The debug adapter releases its port shortly after the service has exited.
        time.sleep(0.5)
        service = start()
    return stop(service)


if __name__ == "__main__":
    sys.exit(main())
