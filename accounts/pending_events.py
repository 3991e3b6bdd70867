"""Events that could not be recorded yet, because SQLite had another writer for long: one file each, until the sweep.

The file is on the disk before the request is answered, so that nothing happens without a trace.
"""

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings


def keep(columns: Mapping[str, Any]) -> None:
    """Keep the columns of an event, as JSON can hold them, until it can be recorded."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.json"
    part = path.with_suffix(".part")
    with part.open("w") as file:
        json.dump(columns, file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)


def find_all() -> Iterator[tuple[uuid.UUID, dict[str, Any]]]:
    """The events that are kept, each with the ID under which it must be recorded only once."""
    for path in sorted(_folder().glob("*.json")):
        yield uuid.UUID(path.stem), json.loads(path.read_text())


def discard(event_id: uuid.UUID) -> None:
    """Delete an event that is recorded."""
    (_folder() / f"{event_id.hex}.json").unlink(missing_ok=True)


def _folder() -> Path:
    path: Path = settings.DATA_DIR / "pending-events"
    return path
