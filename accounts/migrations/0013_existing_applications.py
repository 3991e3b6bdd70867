"""Applications could ask for every scope, and consents were only in their tokens. Write both down as they were."""

import datetime

from django.db import migrations
from django.db.models import Min

LASTS = datetime.timedelta(days=90)


def write_down(apps, schema_editor):
    database = schema_editor.connection.alias
    applications = apps.get_model("oauth2_provider", "Application")._default_manager.using(database)
    scopes = apps.get_model("accounts", "ApplicationScopes")._default_manager.using(database)
    for pk in applications.values_list("pk", flat=True):
        scopes.create(application_id=pk, scope="read:jira-work write:jira-work")
    tokens = apps.get_model("oauth2_provider", "RefreshToken")._default_manager.using(database)
    consents = apps.get_model("accounts", "Consent")._default_manager.using(database)
    usable = tokens.filter(revoked=None, token_family__isnull=False, access_token__isnull=False)
    for token in usable.select_related("access_token"):
        given_at = tokens.filter(token_family=token.token_family).aggregate(first=Min("created"))["first"]
        consents.create(
            user_id=token.user_id,
            application_id=token.application_id,
            scope=token.access_token.scope,
            token_family=token.token_family,
            given_at=given_at,
            redeemed_at=given_at,
            expires_at=given_at + LASTS,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_consents"),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = [migrations.RunPython(write_down)]
