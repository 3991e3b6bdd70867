"""Update stored filters when an account is anonymised, so that their exports can be run again."""

from typing import Any

from exports.models import ExportJob


def replace_in_filters(old_id: str, new_id: str, **_: Any) -> None:
    """Receiver of the archive's `account_anonymised`: put the new account ID into every filter with the old one."""
    for job in ExportJob.objects.exclude(filter={}).only("filter").iterator():
        body: dict[str, Any] = job.filter
        is_changed = False
        for name, values in body.items():
            if isinstance(values, list) and old_id in values:
                body[name] = [new_id if value == old_id else value for value in values]
                is_changed = True
        if is_changed:
            ExportJob.objects.filter(pk=job.pk).update(filter=body)
