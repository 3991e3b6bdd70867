"""`manage.py sweep`: do now what the worker does every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from jobs import tasks


class Command(BaseCommand):
    help = "Free jobs of workers that are gone, queue due mails, remove expired and orphaned files, now."

    def handle(self, *args: Any, **options: Any) -> None:
        tasks.sweep()
