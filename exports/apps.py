from anymail.signals import tracking
from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate

from archive.signals import account_anonymised


class ExportsConfig(AppConfig):
    name = "exports"
    verbose_name = "Exports"

    def ready(self) -> None:
        # Django loads the models before it calls this, but after it imports this module.
        from accounts import audit
        from exports import anonymised, downloads, health, mail_webhooks, outbox, retention
        from exports.checks import check_storage
        from exports.findings import export_findings
        from exports.models import ExportJob
        from exports.models.triggers import create_triggers
        from exports.tasks import enqueue_failure_mail
        from jobs import registry

        registry.register_jobs(registry.JobKind(ExportJob, "exports.tasks.build_export", enqueue_failure_mail))
        registry.register_sweep("send due mails", outbox.sweep)
        registry.register_sweep("remove expired files", retention.remove_expired_files)
        registry.register_sweep("remove orphaned files", retention.remove_orphans)
        audit.register_follower("export.downloaded", downloads.add)
        registry.register_findings(export_findings)
        registry.register_health_check(health.Storage)
        checks.register(check_storage, "exports")
        tracking.connect(mail_webhooks.record)
        account_anonymised.connect(anonymised.replace_in_filters)
        post_migrate.connect(create_triggers, sender=self)
