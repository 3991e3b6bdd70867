"""What `manage.py doctor` reports about imports: files that should have been deleted."""

from collections.abc import Iterator

from django.conf import settings

from imports import retention
from jobs.registry import Finding


def import_findings() -> Iterator[Finding]:
    import_ids = retention.find_leftovers()
    if not import_ids:
        yield True, "Uploads: every file that should be deleted is."
        return
    noun = "imports"
    if len(import_ids) == 1:
        noun = "import"
    hint = f"Check the permissions of {settings.DATA_DIR / 'imports'}, and that a worker is running."
    yield False, f"Uploads: the files of {len(import_ids)} {noun} could not be deleted, such as {import_ids[0]}. {hint}"
