from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Users and tokens"

    def ready(self) -> None:
        # Models can only be imported now.
        from accounts import email_addresses
        from accounts.audit_triggers import create_triggers
        from accounts.models import User

        post_migrate.connect(create_triggers, sender=self)
        post_save.connect(email_addresses.keep_in_step, sender=User)
