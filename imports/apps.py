from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.groups import grant_reviewers_view
from archive.signals import account_anonymised


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = "Imports"
    reviewed_models = ("importjob", "importevent")

    def ready(self) -> None:
        # Models can only be imported now.
        from imports import anonymised, retention, uploads
        from imports.findings import import_findings
        from imports.models import ImportJob
        from jobs import registry

        registry.register_jobs(registry.JobKind(ImportJob, "imports.tasks.import_upload"))
        registry.register_sweep("delete files of imports", retention.remove_files)
        registry.register_sweep("delete abandoned uploads", uploads.discard_abandoned)
        registry.register_findings(import_findings)
        account_anonymised.connect(anonymised.replace_in_options)
        post_migrate.connect(grant_reviewers_view, sender=self)
