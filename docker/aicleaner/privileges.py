"""Drops root privileges if the container was started as root.

By default, the image runs as `aicleaner`. Under the Supervisor, `/data` belongs to root, so an image that keeps its
journal there is built with `RUN_AS=root`. The process then takes ownership of its files and continues as `aicleaner`.
"""

from __future__ import annotations

import logging
import os
import pwd
from pathlib import Path

log = logging.getLogger("aicleaner")
USER = "aicleaner"


def drop_privileges(data: Path, user: str = USER) -> bool:
    """Returns True if it dropped root privileges. The process cannot regain them."""
    if os.geteuid() != 0:
        return False
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        # Happens only outside the image, which creates the user.
        log.warning("Running as root because user %s does not exist.", user)
        return False
    folder = data / "aicleaner"
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    # Do not follow links: other programs can write to /data.
    for path in (folder, *folder.iterdir()):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    return True
