"""Files of uploads: the upload itself, and what each attempt at importing it writes.

    imports/7/upload                          waits for a worker
    imports/7/attempt-2/progress.json         written while attempt 2 runs
    imports/7/attempt-2/rejects/…             files of rejected issues

Each attempt has a folder of its own, so that a worker that lost the import can't touch its successor's files.
"""

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings


def store(import_id: int, chunks: Iterable[bytes]) -> None:
    """Store an upload. A folder of this number can only be left from an import whose row was never committed."""
    delete(import_id)
    path = upload_of(import_id)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.writelines(chunks)


def upload_of(import_id: int) -> Path:
    return _folder(import_id) / "upload"


def make_rejects_folder(import_id: int, attempt: int) -> Path:
    path = _attempt_folder(import_id, attempt) / "rejects"
    path.mkdir(parents=True, exist_ok=True)
    return path


def rejects_of(import_id: int, attempt: int, name: str) -> Path:
    return _attempt_folder(import_id, attempt) / "rejects" / Path(name).name


def write_progress(import_id: int, attempt: int, record_count: int, share: float) -> None:
    """Progress is not in the database, because with SQLite nobody else can write during an import."""
    path = _progress_file(import_id, attempt)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps([record_count, share]))
    part.replace(path)


def read_progress(import_id: int, attempt: int) -> tuple[int, float]:
    """Records read and the share of the upload, from 0 to 1; zeros if nothing is known."""
    try:
        record_count, share = json.loads(_progress_file(import_id, attempt).read_text())
        return int(record_count), float(share)
    except (OSError, ValueError):
        return 0, 0.0


def delete(import_id: int) -> None:
    """Delete all of an import's files."""
    shutil.rmtree(_folder(import_id), ignore_errors=True)


def delete_all_but_rejects(import_id: int, attempt: int) -> None:
    """Delete an import's files except the rejected issues of the attempt that completed."""
    with suppress(FileNotFoundError):
        upload_of(import_id).unlink()
    with suppress(FileNotFoundError):
        _progress_file(import_id, attempt).unlink()
    kept = _attempt_folder(import_id, attempt)
    for folder in _folder(import_id).glob("attempt-*"):
        if folder != kept:
            shutil.rmtree(folder, ignore_errors=True)


def find_import_ids() -> Iterator[int]:
    """The numbers of imports that have files."""
    if not _root().is_dir():
        return
    for path in _root().iterdir():
        if path.name.isdecimal():
            yield int(path.name)


def age_in_seconds(import_id: int) -> float:
    """How long ago a file was added to the import's folder or deleted from it; 0 if there is no folder."""
    try:
        return time.time() - _folder(import_id).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _root() -> Path:
    path: Path = settings.DATA_DIR / "imports"
    return path


def _folder(import_id: int) -> Path:
    return _root() / str(import_id)


def _attempt_folder(import_id: int, attempt: int) -> Path:
    return _folder(import_id) / f"attempt-{attempt}"


def _progress_file(import_id: int, attempt: int) -> Path:
    return _attempt_folder(import_id, attempt) / "progress.json"
