"""Give each user the address at allauth that they sign in with."""

from django.db import migrations


def add_addresses(apps, schema_editor):
    user_model = apps.get_model("accounts", "User")
    address_model = apps.get_model("account", "EmailAddress")
    database = schema_editor.connection.alias
    users = user_model.objects.using(database).filter(emailaddress=None)
    addresses = [
        address_model(user_id=pk, email=email, verified=True, primary=True)
        for pk, email in users.values_list("pk", "email")
    ]
    address_model.objects.using(database).bulk_create(addresses)


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0007_user_must_change_password"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(add_addresses, migrations.RunPython.noop)]
