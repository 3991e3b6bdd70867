from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.groups import let_reviewers_view


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Archive"
    reviewed_models = ("removal",)

    def ready(self) -> None:
        # Models are loaded only now.
        from archive import monthly_counts
        from jobs import registry

        registry.register_sweep("count the archive's months", monthly_counts.refresh)
        post_migrate.connect(let_reviewers_view, sender=self)
