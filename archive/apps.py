from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Archive"

    def ready(self) -> None:
        # Models can be imported only now.
        from archive import monthly_counts
        from jobs import registry

        registry.register_sweep("refresh the monthly counts", monthly_counts.refresh)
