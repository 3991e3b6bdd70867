"""Filters of exports that name an account follow it when it is anonymised, so that they can be run again."""

from typing import Any

from exports.models import ExportJob


def replace_in_filters(old_id: str, new_id: str, **_: Any) -> None:
    """Receiver of the archive's `account_anonymised`."""
    for job in ExportJob.objects.exclude(filter={}).only("filter").iterator():
        replaced = {name: _replaced(values, old_id, new_id) for name, values in job.filter.items()}
        if replaced != job.filter:
            ExportJob.objects.filter(pk=job.pk).update(filter=replaced)


def _replaced(values: Any, old_id: str, new_id: str) -> Any:
    if not isinstance(values, list):
        return values
    return [new_id if value == old_id else value for value in values]
