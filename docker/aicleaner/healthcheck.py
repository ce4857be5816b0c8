"""HEALTHCHECK: exits with 0 if the service responds with status 200.

Uses only sockets and runs with `python -S`, so that it costs little even under emulation or on a busy device.
"""

import socket
import sys

REQUEST = b"GET /api/health HTTP/1.0\r\nHost: localhost\r\nUser-Agent: healthcheck\r\n\r\n"


def healthy(port: int, timeout: float = 4.0) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout) as connection:
            connection.sendall(REQUEST)
            status = connection.makefile("rb").readline(64).split()
    except OSError as error:
        print(f"no response: {error}")
        return False
    if len(status) >= 2 and status[1] == b"200":
        return True
    print(f"unexpected response: {status!r}")
    return False


if __name__ == "__main__":
    import os

    sys.exit(0 if healthy(int(os.environ.get("AICLEANER_PORT") or 8000)) else 1)
