"""What the audit trail learns of people and of changes in Admin, whoever or whatever makes them."""

from typing import Any

from django.contrib.admin.models import LogEntry

from accounts import audit
from accounts.models import User


def record_created(*, instance: User, created: bool, raw: bool, **_: Any) -> None:
    """Receiver of post_save of users."""
    if created and not raw:
        audit.record("person.created", on=audit.Target("person", instance.pk, instance.email))


def record_admin_change(*, instance: LogEntry, created: bool, raw: bool, **_: Any) -> None:
    """Receiver of post_save of Admin's own log, which has an entry for whatever is changed there."""
    if not created or raw:
        return
    kind = "object"
    if instance.content_type is not None:
        kind = instance.content_type.model
    on = audit.Target(kind[:20], instance.object_id or "", instance.object_repr)
    audit.record("admin.changed", on=on, user=instance.user, details={"change": instance.get_change_message()})
