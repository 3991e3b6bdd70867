"""An issue with very many values in a list ends an export with a sentence that helps, on both databases."""

import pytest

from archive.columns import MOST_COLUMNS
from exports import storage, tasks
from exports.models import ExportJob
from jobs.leased import JobStatus
from tests.factories import make_issue

pytestmark = pytest.mark.django_db(transaction=True)

OTHER_COLUMNS = 45


def test_it_works_up_to_the_limit(job: ExportJob) -> None:
    labels = [f"label-{number}" for number in range(MOST_COLUMNS - OTHER_COLUMNS)]
    make_issue(2, labels=labels)
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == (JobStatus.COMPLETE, "")
    with storage.open_file(job.file_name) as file:
        header = file.readline()
    assert header.count(b",") == MOST_COLUMNS - 1


@pytest.mark.parametrize("count", [MOST_COLUMNS - OTHER_COLUMNS + 1, 20_000])
def test_beyond_the_limit_the_export_fails_and_names_the_issue(job: ExportJob, count: int) -> None:
    make_issue(2, labels=["red"])
    make_issue(3, key="FOO-3", labels=[f"label-{number}" for number in range(count)])
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert job.message == (
        f"No file was created: the file would need more than 1,600 columns. Issue FOO-3 has {count:,} labels, and each "
        "needs a column. Delete the issue or import it again with fewer labels, or leave it out by the filter."
    )
    assert storage.names() == []
