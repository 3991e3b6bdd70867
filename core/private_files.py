"""The system check of who can read the portal's files: only the user that it runs as."""

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

OTHERS = stat.S_IRWXG | stat.S_IRWXO
ENTER = stat.S_IXGRP | stat.S_IXOTH


def check_private_files(**_: Any) -> list[checks.CheckMessage]:
    """W001: other users of the host can read issues, exported files or emails.

    settings.py makes every new file private. This finds folders and files that were there before.
    """
    messages: list[checks.CheckMessage] = []
    for path in _private_paths():
        if path.exists() and is_open_to_others(path):
            hint = f"Run as the portal's user: chmod -R go= {path}"
            message = f"Other users of this host can read {path}, or change it."
            messages.append(checks.Warning(message, hint=hint, id="core.W001"))
    return messages


def is_open_to_others(path: Path) -> bool:
    """Whether anyone but the owner has a right to the path and can get to it. An owner may be root."""
    path = path.resolve()
    if path.stat().st_mode & OTHERS == 0:
        return False
    return all(folder.stat().st_mode & ENTER for folder in path.parents)


def _private_paths() -> Iterator[Path]:
    yield settings.DATA_DIR
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        yield Path(database["NAME"])
    email_folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if email_folder:
        yield Path(email_folder)


def register() -> None:
    checks.register(check_private_files, checks.Tags.security)
