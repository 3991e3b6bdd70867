"""Where uploaded files wait for the worker, and where what was rejected of them waits to be fetched."""

import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

UPLOAD, PROGRESS = "upload", "progress.json"


def folder(import_id: int) -> Path:
    """The import's own folder, made if need be."""
    path = root() / str(import_id)
    path.mkdir(parents=True, exist_ok=True)
    return path


def root() -> Path:
    path: Path = settings.DATA_DIR / "imports"
    return path


def keep(import_id: int, chunks: Iterable[bytes]) -> None:
    """Store an upload."""
    with upload_of(import_id).open("wb") as file:
        file.writelines(chunks)


def upload_of(import_id: int) -> Path:
    return folder(import_id) / UPLOAD


def rejects_folder(import_id: int) -> Path:
    """An empty folder: what an earlier attempt wrote into it was rolled back."""
    path = folder(import_id) / "rejects"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


def rejects_of(import_id: int, name: str) -> Path:
    return root() / str(import_id) / "rejects" / Path(name).name


def note_progress(import_id: int, records: int, share: float) -> None:
    """Beside the database: SQLite lets nobody write while an import does."""
    path = folder(import_id) / PROGRESS
    part = path.with_suffix(".part")
    part.write_text(json.dumps([records, share]))
    part.replace(path)


def progress_of(import_id: int) -> tuple[int, float]:
    """Records read and share of the file, from 0 to 1; zeros where nothing is known."""
    try:
        records, share = json.loads((root() / str(import_id) / PROGRESS).read_text())
        return int(records), float(share)
    except (OSError, ValueError):
        return 0, 0.0


def forget_upload(import_id: int) -> None:
    """The import has ended: what it rejected stays, the rest goes."""
    for name in (UPLOAD, PROGRESS):
        with suppress(FileNotFoundError):
            (root() / str(import_id) / name).unlink()


def forget(import_id: int) -> None:
    shutil.rmtree(root() / str(import_id), ignore_errors=True)


def known() -> list[int]:
    """The numbers of imports that have a folder."""
    return [int(path.name) for path in root().iterdir() if path.name.isdecimal()] if root().is_dir() else []
