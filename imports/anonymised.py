"""Update stored options when an account is anonymised, so that its old ID is kept nowhere."""

from typing import Any

from imports.models import ImportJob


def replace_in_options(old_id: str, new_id: str, **_: Any) -> None:
    """Receiver of the archive's `account_anonymised`: put the new account ID into the options that name the old one."""
    for job in ImportJob.objects.filter(options__archived_by=old_id).only("options"):
        options = job.options | {"archived_by": new_id}
        ImportJob.objects.filter(pk=job.pk).update(options=options)
