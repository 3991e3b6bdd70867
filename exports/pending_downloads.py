"""Downloads that could not be recorded yet, because SQLite had another writer for long: one file each, until the sweep.

The file is on the disk before the first byte is sent, so that nobody takes an export without a trace.
"""

import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from exports.models import Download


def keep(columns: Mapping[str, Any]) -> None:
    """Keep the columns of a Download, as JSON can hold them, until it can be recorded."""
    _folder().mkdir(parents=True, exist_ok=True)
    path = _folder() / f"{uuid.uuid4().hex}.json"
    part = path.with_suffix(".part")
    with part.open("w") as file:
        json.dump(columns, file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def record_all() -> None:
    """Record the downloads that are kept. A file that was recorded before its deletion failed is recorded only once."""
    for path in _folder().glob("*.json"):
        Download.objects.get_or_create(**json.loads(path.read_text()))
        path.unlink(missing_ok=True)


def _folder() -> Path:
    path: Path = settings.DATA_DIR / "pending-downloads"
    return path
