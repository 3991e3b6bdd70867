"""A token without scopes had all of them. Now a token has the scopes that it names, so these get what they had."""

from django.db import migrations


def name_scopes(apps, schema_editor):
    tokens = apps.get_model("accounts", "ApiToken")._default_manager.using(schema_editor.connection.alias)
    tokens.filter(scope="").update(scope="read:jira-work write:jira-work")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_token_use")]

    operations = [migrations.RunPython(name_scopes)]
