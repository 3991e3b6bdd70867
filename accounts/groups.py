"""The group of staff users who can read the history in Admin but change nothing."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

REVIEWERS = "Export reviewers"


def grant_reviewers_view(sender: AppConfig, *, apps: Apps = installed_apps, using: str, **_: Any) -> None:
    """Receiver of post_migrate: create the group if necessary, and let it view the app's `reviewed_models`.

    `reviewed_models` is an attribute of the AppConfig: a tuple of model names in lower case. The group's members and
    its other permissions are not changed.
    """
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # migrated back to before django.contrib.auth
        return
    # Django creates permissions on the same signal, maybe after this receiver.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    names: tuple[str, ...] = sender.reviewed_models  # type: ignore[attr-defined]
    codenames = [f"view_{name}" for name in names]
    permissions = permission_model._default_manager.using(using)
    group, _created = group_model._default_manager.using(using).get_or_create(name=REVIEWERS)
    group.permissions.add(*permissions.filter(content_type__app_label=sender.label, codename__in=codenames))
