"""Runs one export: `one_export.py WAY FILE [ISSUES | FILTER [QUERY]]`. Prints its figures as a line of JSON.

The way `ours` is the real task, from claim to publication, of an export requested like any other. FILTER is the body of
the REST request, and QUERY its query. The process runs at the worker's lower priority. The other ways are what one
would write with a common library, for the same columns in the same order. They have no formula guard, no progress and
no checksum, and format times as the library does.
"""

import csv
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.db import connection
from django.http import QueryDict

from accounts.models import User
from archive.columns import COLUMNS
from archive.filters import IssueFilter
from archive.models import ArchivedIssue
from exports import services, storage, tasks
from exports.models import ExportJob
from exports.options import ExportOptions
from jobs import supervisor

SOURCES = [column.source for column in COLUMNS]
RELATED = ("assignee", "reporter", "creator", "archived_by", "project__lead", "issue_type")


def main(way: str, file: Path, what: str, query: str) -> None:
    connection.ensure_connection()
    job = ask(json.loads(what), query) if way == "ours" else None
    idle, used = peak(), cpu()
    start = time.perf_counter()
    if job:
        os.setsid()
        supervisor.lower_priority()
        tasks.build_export(job.pk)
    else:
        WAYS[way](file, int(what))
        with file.open("rb") as written:
            os.fsync(written.fileno())
    figures = {"wall": time.perf_counter() - start, "cpu": cpu() - used, "peak": peak(), "idle": idle}
    if job:
        keep(job, file)
    print(json.dumps(figures))


def ask(body: dict[str, Any], query: str) -> ExportJob:
    user = User.objects.filter(email="bench@example.com").first()
    user = user or User.objects.create_superuser("bench@example.com")
    options = ExportOptions.from_query(QueryDict(query))
    return services.request_export(user, IssueFilter.from_json(body), options)


def keep(job: ExportJob, file: Path) -> None:
    job.refresh_from_db()
    if job.status != "COMPLETE":
        sys.exit(f"{job.status}: {job.message}")
    (storage.folder() / job.file_name).rename(file)


def peak() -> int:
    """The process's own peak of resident memory in bytes. getrusage() would include the parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def chosen(issues: int) -> Any:
    return ArchivedIssue.objects.order_by("archived_date", "id")[:issues]


def write(file: Path, records: Iterator[Any]) -> None:
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(column.heading for column in COLUMNS)
        writer.writerows(records)


def values_iterator(file: Path, issues: int) -> None:
    """As Django's documentation shows for large CSV files."""
    write(file, chosen(issues).values_list(*SOURCES).iterator())


def model_instances(file: Path, issues: int) -> None:
    write(
        file,
        ([follow(issue, source) for source in SOURCES] for issue in chosen(issues).select_related(*RELATED).iterator()),
    )


def follow(value: Any, source: str) -> Any:
    for name in source.split("__"):
        value = getattr(value, name, None)
    return value


def import_export(file: Path, issues: int) -> None:
    from import_export import fields, resources

    declared = {f"c{index}": fields.Field(attribute=source) for index, source in enumerate(SOURCES)}
    meta = type("Meta", (), {"model": ArchivedIssue, "fields": list(declared)})
    resource_class = type("IssueResource", (resources.ModelResource,), declared | {"Meta": meta})
    file.write_text(resource_class().export(chosen(issues).select_related(*RELATED)).csv, encoding="utf-8")


def pandas_reader(file: Path, issues: int) -> None:
    import pandas

    sql, params = chosen(issues).values_list(*SOURCES).query.sql_with_params()
    with connection.cursor() as cursor:
        frame = pandas.read_sql(cursor.mogrify(sql, params), connection.connection)
    frame.to_csv(file, index=False)


def polars_reader(file: Path, issues: int) -> None:
    import polars

    sql, params = chosen(issues).values_list(*SOURCES).query.sql_with_params()
    with connection.cursor() as cursor:
        statement = cursor.mogrify(sql, params)
    frame = polars.read_database(statement, connection.connection, infer_schema_length=None)
    lists = [name for name, kind in frame.schema.items() if kind.is_nested()]
    frame.drop(lists).write_csv(file)


WAYS: dict[str, Callable[[Path, int], None]] = {
    "values_iterator": values_iterator,
    "model_instances": model_instances,
    "import_export": import_export,
    "pandas": pandas_reader,
    "polars": polars_reader,
}

if __name__ == "__main__":
    given = dict(enumerate(sys.argv))
    main(given[1], Path(given[2]), given.get(3, "{}"), given.get(4, ""))
