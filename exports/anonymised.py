"""Update stored filters when an account is anonymised, so that their exports can be run again."""

from typing import Any

from archive.filters import replace_account
from exports.models import ExportJob


def replace_in_filters(old_id: str, new_id: str, **_: Any) -> None:
    """Receiver of the archive's `account_anonymised`: put the new account ID into every filter with the old one."""
    for job in ExportJob.objects.exclude(filter={}).only("filter").iterator():
        replaced = replace_account(job.filter, old_id, new_id)
        if replaced != job.filter:
            ExportJob.objects.filter(pk=job.pk).update(filter=replaced)
