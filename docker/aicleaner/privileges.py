"""Gives up root where the container was started as root.

The image runs as `aicleaner`. Under the Supervisor `/data` belongs to root, so an installation that wants to keep its
journal there builds with `RUN_AS=root`; the process then takes over its own files and continues as `aicleaner`.
"""

from __future__ import annotations

import logging
import os
import pwd
from pathlib import Path

log = logging.getLogger("aicleaner")
USER = "aicleaner"


def drop_privileges(data: Path, user: str = USER) -> bool:
    """True when root was given up; from then on there is no way back in this process."""
    if os.geteuid() != 0:
        return False
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        # Only outside the image; there is nobody to become.
        log.warning("Running as root: there is no user %s.", user)
        return False
    own = data / "aicleaner"
    own.mkdir(mode=0o750, parents=True, exist_ok=True)
    # Without following links: what lies in /data may have been put there by someone else.
    for path in (own, *own.iterdir()):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    return True
