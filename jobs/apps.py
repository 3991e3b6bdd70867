from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Workers"

    def ready(self) -> None:
        # Models are loaded only now.

        from accounts import audit, audit_retention, consents, throttle
        from accounts.session_store import SessionStore
        from jobs import checks, lifecycle, registry, retention
        from jobs.findings import check_audit_trail
        from jobs.schedules import declare_schedules

        checks.register()
        registry.register_sweep("take jobs from workers that are gone", lifecycle.reap_all)
        registry.register_sweep("delete old records", retention.delete_old_records)
        registry.register_sweep("delete expired sessions", SessionStore.clear_expired)
        registry.register_sweep("delete counters of failed sign-ins", throttle.delete_expired)
        registry.register_sweep("delete old consents and tokens", consents.delete_old)
        registry.register_sweep("record pending events", audit.record_pending)
        registry.register_sweep("delete old events", audit_retention.delete_expired)
        registry.register_findings(check_audit_trail)
        post_migrate.connect(declare_schedules, sender=apps.get_app_config("django_q"))
