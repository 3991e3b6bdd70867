"""The list of issues that an import overwrote, as the audit trail refers to it.

The rows are written in the transaction that overwrites the issues, so the list is exact. The event of the import's end
has the SHA-256 of the file that `csv_lines` gives: whoever downloads the file can prove that it is the list.
"""

import datetime
import hashlib
from collections.abc import Iterable, Iterator

from django.conf import settings

from imports.bulk_write import engine
from imports.models import ImportJob, OverwrittenIssue
from imports.records import IssueRecord
from jobs.leased import now_plus

HEADER = "Issue id,Issue key\r\n"
TABLE = f'"{OverwrittenIssue._meta.db_table}"'
NAMES = ("job_id", "issue_id", "key")
CHUNK = 10_000  # rows
BATCH = 10_000  # rows deleted in one transaction


def add(import_id: int, records: Iterable[IssueRecord]) -> None:
    """Add issues to the list, in the transaction that overwrites them."""
    rows = [(import_id, record.id, record.key) for record in records]
    if rows:
        engine().copy(TABLE, rows, NAMES)


def csv_lines(import_id: int) -> Iterator[bytes]:
    """The list as a CSV file. Keys have a form that no spreadsheet takes for a formula."""
    yield HEADER.encode()
    rows = OverwrittenIssue.objects.filter(job=import_id).order_by("pk").values_list("issue_id", "key")
    for issue_id, key in rows.iterator(CHUNK):
        yield f"{issue_id},{key}\r\n".encode()


def sha256(import_id: int) -> str:
    """The SHA-256 of the CSV file, in hexadecimal; "" if nothing was overwritten."""
    if not OverwrittenIssue.objects.filter(job=import_id).exists():
        return ""
    digest = hashlib.sha256()
    for line in csv_lines(import_id):
        digest.update(line)
    return digest.hexdigest()


def delete_expired() -> None:
    """Delete the lists of imports whose event the audit trail no longer keeps, in batches."""
    if not settings.AUDIT_KEEP_DAYS:
        return
    old = ImportJob.objects.filter(finished_at__lt=now_plus(-datetime.timedelta(days=settings.AUDIT_KEEP_DAYS)))
    expired = OverwrittenIssue.objects.filter(job__in=old)
    while expired.exists():
        batch = expired.order_by("pk").values("pk")[:BATCH]
        OverwrittenIssue.objects.filter(pk__in=batch).delete()
