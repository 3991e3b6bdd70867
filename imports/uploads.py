"""Files of uploads: the upload itself, and what each attempt at importing it writes.

    imports/incoming/3f2c…                    being received
    imports/7/upload                          waits for a worker
    imports/7/attempt-2/rejects/…             files of rejected issues

Each attempt has a folder of its own, so that a worker that lost the import can't touch its successor's files.
"""

import logging
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

ABANDONED_SECONDS = 60 * 60  # since the last byte arrived


def receive(chunks: Iterable[bytes]) -> Path:
    """Store an upload under a temporary name, however long that takes, before there is an import."""
    _incoming().mkdir(parents=True, exist_ok=True)
    path = _incoming() / uuid.uuid4().hex
    try:
        with path.open("wb") as file:
            file.writelines(chunks)
    except BaseException:
        discard(path)
        raise
    return path


def discard(received: Path) -> None:
    """Delete what `receive` stored, unless `accept` took it."""
    received.unlink(missing_ok=True)


def accept(received: Path, import_id: int) -> None:
    """Give the upload to its import. A folder of this number can only be left from one whose row was not committed."""
    delete(import_id)
    path = upload_of(import_id)
    path.parent.mkdir(parents=True)
    received.rename(path)


def discard_abandoned() -> None:
    """Delete uploads whose web process died while it received them."""
    for path in _incoming().glob("*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                discard(path)


def upload_of(import_id: int) -> Path:
    return _folder(import_id) / "upload"


def make_rejects_folder(import_id: int, attempt: int) -> Path:
    path = _attempt_folder(import_id, attempt) / "rejects"
    path.mkdir(parents=True, exist_ok=True)
    return path


def rejects_of(import_id: int, attempt: int, name: str) -> Path:
    return _attempt_folder(import_id, attempt) / "rejects" / Path(name).name


def delete(import_id: int) -> None:
    """Delete all of an import's files. What can't be deleted is logged and left."""
    _delete(_folder(import_id))


def delete_all_but_rejects(import_id: int, attempt: int) -> None:
    """Delete an import's files except the rejected issues of the attempt that completed, as `delete` does."""
    _delete(upload_of(import_id))
    kept = _attempt_folder(import_id, attempt)
    for folder in _folder(import_id).glob("attempt-*"):
        if folder != kept:
            _delete(folder)


def _delete(path: Path) -> None:
    try:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except FileNotFoundError:  # another process deletes it too
        pass
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)  # the first error ended the deletion of the others
        logger.error("Could not delete %s: %s", path, error)  # noqa: TRY400 - each minute: no traceback


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


def _incoming() -> Path:
    return _root() / "incoming"


def _folder(import_id: int) -> Path:
    return _root() / str(import_id)


def _attempt_folder(import_id: int, attempt: int) -> Path:
    return _folder(import_id) / f"attempt-{attempt}"
