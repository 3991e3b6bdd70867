"""Turn what earlier releases stored about permissions into roles. Nobody can do more afterwards than before.

The role "site-admin" alone gave access to the archive, and "superuser" the right to change people. So a site admin who
was not a superuser becomes a Jira admin, which is what they could do. Staff alone could open Admin: permissions and
groups of people who were not staff had no effect.
"""

from django.db import migrations
from django.db.models import Q


def convert(apps, schema_editor):
    database = schema_editor.connection.alias
    users = apps.get_model("accounts", "User")._default_manager.using(database)
    grants = apps.get_model("accounts", "RoleGrant")._default_manager.using(database)
    can_import = Q(codename="add_importjob", content_type__app_label="imports")
    permissions = apps.get_model("auth", "Permission")._default_manager.using(database).filter(can_import)
    selections = {
        "site-admin": Q(is_superuser=True),
        "jira-admin": Q(role__in=["jira-admin", "site-admin"], is_superuser=False),
        "importer": Q(is_staff=True, is_superuser=False)
        & (Q(user_permissions__in=permissions) | Q(groups__permissions__in=permissions)),
        "reviewer": Q(is_staff=True, is_superuser=False, groups__name="Export reviewers"),
    }
    found = []
    for role, selection in selections.items():
        for user_id in users.filter(selection).order_by("pk").values_list("pk", flat=True).distinct():
            found.append(grants.model(user_id=user_id, role=role))
    grants.bulk_create(found)
    apps.get_model("auth", "Group")._default_manager.using(database).filter(name="Export reviewers").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_role_grants"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(convert)]
