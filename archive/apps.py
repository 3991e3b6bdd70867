from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Archive"

    def ready(self) -> None:
        # Models can be imported only now.
        from archive import monthly_counts
        from archive.search_triggers import create_triggers
        from jobs import registry

        registry.register_sweep("refresh the monthly counts", monthly_counts.refresh)
        post_migrate.connect(create_triggers, sender=self)
