"""The system check of the folder for exported files."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks


def check_storage(**_: Any) -> list[checks.CheckMessage]:
    """E003: exported files can't be written."""
    folder: Path = settings.DATA_DIR / "exports"
    while not folder.exists():  # it is created when it is needed
        folder = folder.parent
    is_read_only = bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK) and not is_read_only:
        return []
    hint = "Set DATA_DIR to a folder that the portal's user can write to."
    return [checks.Error(f"Exported files can't be written to {folder}.", hint=hint, id="exports.E003")]
