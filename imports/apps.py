from django.apps import AppConfig

from archive.signals import account_anonymised


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = "Imports"

    def ready(self) -> None:
        # Models can only be imported now.
        from imports import anonymised, overwritten, retention, uploads
        from imports.findings import import_findings
        from imports.models import ImportJob
        from jobs import registry

        registry.register_jobs(registry.JobKind(ImportJob, "imports.tasks.import_upload"))
        registry.register_sweep("delete files of imports", retention.remove_files)
        registry.register_sweep("delete abandoned uploads", uploads.discard_abandoned)
        registry.register_sweep("delete old lists of overwritten issues", overwritten.delete_expired)
        registry.register_findings(import_findings)
        account_anonymised.connect(anonymised.replace_in_options)
