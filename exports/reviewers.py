"""The group of staff who may read the history in the staff pages and change nothing."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

GROUP_NAME = "Export reviewers"
READABLE = ("exportjob", "exportevent", "download", "mail", "archiveimport", "removal")


def create_reviewers(sender: AppConfig, *, apps: Apps = installed_apps, using: str, **_: Any) -> None:
    """After migrate: the group exists and may view the history; members and further rights stay as they are."""
    try:
        group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # migrated back to before there were people
        return
    # Django makes permissions after the same signal, perhaps only after us.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    group, _created = group_model._default_manager.using(using).get_or_create(name=GROUP_NAME)
    views = permission_model._default_manager.using(using).filter(
        content_type__app_label=sender.label, codename__in=[f"view_{name}" for name in READABLE]
    )
    group.permissions.add(*views)
