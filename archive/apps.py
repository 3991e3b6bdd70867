from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.groups import grant_reviewers_view


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Archive"
    reviewed_models = ("removal",)

    def ready(self) -> None:
        # Models can be imported only now.
        from archive import monthly_counts
        from jobs import registry

        registry.register_sweep("refresh the monthly counts", monthly_counts.refresh)
        post_migrate.connect(grant_reviewers_view, sender=self)
