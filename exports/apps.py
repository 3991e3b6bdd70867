from anymail.signals import tracking
from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from exports.reviewers import create_reviewers


class ExportsConfig(AppConfig):
    name = "exports"
    verbose_name = "Archive and exports"

    def ready(self) -> None:
        # Their models are loaded only now.
        from exports import checks, delivery
        from exports.models.triggers import create_triggers
        from exports.schedules import declare_schedules

        checks.register()
        tracking.connect(delivery.record)
        post_migrate.connect(create_triggers, sender=self)
        post_migrate.connect(create_reviewers, sender=self)
        post_migrate.connect(declare_schedules, sender=apps.get_app_config("django_q"))
