"""`manage.py sweep`: by hand what the worker does every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from jobs import tasks


class Command(BaseCommand):
    help = "Free the slot of silent workers, queue due mails, remove expired and orphaned files, now."

    def handle(self, *args: Any, **options: Any) -> None:
        tasks.sweep()
