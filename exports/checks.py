"""System checks: exported files can be written."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks


def check_storage(**_: Any) -> list[checks.CheckMessage]:
    """E003: exported files can be written."""
    folder: Path = settings.DATA_DIR / "exports"
    place = next(path for path in (folder, *folder.parents) if path.exists())
    is_read_only = bool(os.statvfs(place).f_flag & os.ST_RDONLY)
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK) and not is_read_only:
        return []
    hint = "Point DATA_DIR at a folder the portal's user may write to."
    return [checks.Error(f"Exported files cannot be written to {place}.", hint=hint, id="exports.E003")]
