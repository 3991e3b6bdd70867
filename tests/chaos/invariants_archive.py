"""Whether exports, imports and removals did to the archive what their rows say, by the audit's history.

An export's file is built again from the archive's state at `snapshot_at`. A file must equal that state exactly: a
state with half of an import in it never existed. Two clocks are compared, and on SQLite the history does not know when
a transaction was committed, only when it wrote its last row. So states are tried that were current shortly before or
after `snapshot_at`, too.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from archive.filters import IssueFilter
from archive.models import Removal
from exports import storage
from exports.builder import build
from exports.models import ExportJob
from imports.models import ImportJob
from tests.chaos import audit
from tests.chaos.audit import Change, Replay
from tests.chaos.import_files import VERSION_LENGTH, ImportFile

SLACKS = (timedelta(seconds=0.2), timedelta(seconds=6))
VERSION = f"substr(row ->> 'summary', 1, {VERSION_LENGTH})"


def import_violations(changes: list[Change], files: dict[str, ImportFile], start: int) -> Iterator[str]:
    """Each import wrote every issue of its file in one transaction, or nothing."""
    complete: set[str] = set()
    for change in changes:
        if change.source == audit.IMPORTS:
            job = ImportJob.objects.get(pk=change.pk)
            version = Path(job.file_name).stem
            if version in complete:
                yield f"{job}: {version} was imported twice"
            complete.add(version)
            yield from _check_import(job, change, files[version])
    for job in ImportJob.objects.filter(status="COMPLETE"):
        if Path(job.file_name).stem not in complete:
            yield f"{job} is COMPLETE, but the history of the archive does not have it"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT {VERSION} FROM chaos_history WHERE source = '{audit.ISSUES}' AND seq > {start}"
        )
        written = {version for (version,) in cursor.fetchall() if version in files}
    for version in written - complete:
        yield f"issues of {version} are in the archive, but no import of it is COMPLETE"
    count = audit.unrecorded_count(start)
    if count:
        yield f"{count} rows of the archive were changed by transactions that recorded neither an import nor a removal"


def _check_import(job: ImportJob, change: Change, file: ImportFile) -> Iterator[str]:
    found = _select_one(
        f"SELECT count(DISTINCT pk), min({VERSION}), max({VERSION}) FROM chaos_history "
        f"WHERE source = '{audit.ISSUES}' AND row IS NOT NULL AND {change.rows}"
    )
    expected = (file.issue_count, file.version, file.version)
    if found != expected:
        yield f"{job}: its transaction wrote {found}, the file has {expected}"
    counted = job.created_count + job.updated_count
    if counted != file.issue_count:
        yield f"{job} counts {counted} issues, its file has {file.issue_count}"


def removal_violations(changes: list[Change]) -> Iterator[str]:
    """Each removal removed as many issues as it says."""
    for change in changes:
        if change.source != audit.REMOVALS:
            continue
        removal = Removal.objects.get(pk=change.pk)
        (count,) = _select_one(
            f"SELECT count(DISTINCT pk) FROM chaos_history "
            f"WHERE source = '{audit.ISSUES}' AND row IS NULL AND {change.rows}"
        )
        if removal.kind != "anonymised" and count != removal.issue_count:
            yield f"removal {removal.pk} says {removal.issue_count} issues, but {count} were removed"


def content_violations(changes: list[Change], start: int) -> Iterator[str]:
    """Each complete export has the content that the archive had at `snapshot_at`. Changes the archive's tables."""
    unmatched = list(ExportJob.objects.filter(status="COMPLETE").order_by("id"))
    for slack in SLACKS:
        if unmatched:
            unmatched = _replay(unmatched, changes, start, slack)
    for job in unmatched:
        yield f"{job}: the archive never had this content around {job.snapshot_at}"


def _replay(jobs: list[ExportJob], changes: list[Change], start: int, slack: timedelta) -> list[ExportJob]:
    """Go through the archive's states and compare; returns the exports that equal none of those near their moment."""
    replay = Replay(start)
    unmatched = list(jobs)
    for index in range(len(changes) + 1):
        if index:
            replay.advance(changes[index - 1])
        built: dict[str, str] = {}
        for job in list(unmatched):
            if _is_near(job, changes, index, slack) and _build(job, built) == job.sha256:
                unmatched.remove(job)
    return unmatched


def _is_near(job: ExportJob, changes: list[Change], index: int, slack: timedelta) -> bool:
    """Whether the state after `index` changes was current around the export's snapshot."""
    assert job.snapshot_at
    has_begun = index == 0 or changes[index - 1].at <= job.snapshot_at + slack
    has_ended = index < len(changes) and changes[index].at < job.snapshot_at - slack
    return has_begun and not has_ended


def _build(job: ExportJob, built: dict[str, str]) -> str:
    """The SHA-256 of the export's file, built from the present state. `built` keeps what was built from it already."""
    key = f"{job.filter} {job.formula_guard}"
    if key not in built:
        with TemporaryDirectory() as folder:
            part = storage.PartFile(Path(folder) / "rebuilt")
            issues = IssueFilter.from_json(job.filter).issues()
            build(issues, part, guard=job.formula_guard, report=lambda *_: None)
            built[key] = part.sha256
            part.discard()
    return built[key]


def _select_one(sql: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row: tuple[object, ...] = cursor.fetchone()
        return row
