from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Users and tokens"

    def ready(self) -> None:
        # Models can only be imported now.
        from accounts import receivers
        from accounts.audit_triggers import create_triggers

        post_migrate.connect(create_triggers, sender=self)
        receivers.connect()
