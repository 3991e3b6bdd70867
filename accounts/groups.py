"""The group of staff who may review the history in Admin and change nothing."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

REVIEWERS = "Export reviewers"


def let_reviewers_view(sender: AppConfig, *, apps: Apps = installed_apps, using: str, **_: Any) -> None:
    """Receiver of post_migrate: the group exists and may view the models that the app's `reviewed_models` names.

    Its members and other permissions stay as they are.
    """
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # migrated back to before there were people
        return
    # Django creates permissions after the same signal, perhaps only after us.
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    names: tuple[str, ...] = sender.reviewed_models  # type: ignore[attr-defined]
    codenames = [f"view_{name}" for name in names]
    permissions = permission_model._default_manager.using(using)
    group, _created = group_model._default_manager.using(using).get_or_create(name=REVIEWERS)
    group.permissions.add(*permissions.filter(content_type__app_label=sender.label, codename__in=codenames))
