"""An issue with very many values in a list can be exported, on both databases."""

import csv
import io
from typing import Any

import pytest

from archive.columns import MOST_CELLS, WIDE_LIST
from core.formula_guard import add_guard
from exports import storage, tasks
from exports.models import ExportJob
from jobs.leased import JobStatus
from tests.factories import make_issue

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_COLUMNS = 45
LABELS = 27
MOST_LABELS = MOST_CELLS - OTHER_COLUMNS


def rows_of(job: ExportJob) -> list[list[str]]:
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.COMPLETE, "")
    with storage.open_file(job.file_name) as file:
        text = file.read().decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("count", [MOST_LABELS, MOST_LABELS + 1, 20_000])
def test_it_works(job: ExportJob, count: int) -> None:
    labels = [f"label-{number}" for number in range(count)]
    labels[3] = "a;=1"
    labels[4] = '-"b"'
    make_issue(2, labels=["red"])
    make_issue(3, labels=labels)
    header, _first, short, long = rows_of(job)
    assert header[LABELS : LABELS + count] == ["Labels"] * count
    assert len(header) == OTHER_COLUMNS + count
    assert short[LABELS : LABELS + count] == ["red"] + [""] * (count - 1)
    assert long[LABELS : LABELS + count] == [add_guard(label) for label in labels]
    assert {len(header), len(short), len(long)} == {OTHER_COLUMNS + count}


def test_several_long_lists_and_short_ones(job: ExportJob) -> None:
    names = [f"1.{number}" for number in range(900)]
    make_issue(2, fix_versions=names, affects_versions=names, components=names[: WIDE_LIST + 1], labels=["x"])
    _header, _first, row = rows_of(job)
    assert row[22:922] == row[922:1822] == names
    assert row[1822:1843] == names[: WIDE_LIST + 1]
    assert row[1845] == "x"


@pytest.mark.parametrize("guard", [True, False])
def test_the_cells_of_a_record_do_not_depend_on_how_it_is_rendered(job: ExportJob, settings: Any, guard: bool) -> None:
    settings.EXPORT_FORMULA_GUARD = guard
    texts = ["=1", 'a "b"', "x\n-1", "", "é😀", "'", "%s %w", "\\", "a;'=1"]
    for number, text in enumerate(texts):
        make_issue(10 + number, summary=text, description=text, labels=[text, "x"], votes=number, reporter=f"r{number}")
    cell_by_cell = rows_of(job)
    make_issue(99, labels=["x"] * (MOST_LABELS + 1))
    as_text = rows_of(ExportJob.objects.create(submitted_by=job.submitted_by))
    assert len(cell_by_cell) + 1 == len(as_text)
    for narrow, wide in zip(cell_by_cell, as_text, strict=False):
        assert narrow[:29] == wide[:29]
        assert narrow[29:] == wide[LABELS + MOST_LABELS + 1 :]
