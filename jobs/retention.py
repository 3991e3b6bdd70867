"""How long the queue's own records and rows of workers are kept."""

import datetime

from django_q.models import Task

from jobs.leased import now_plus
from jobs.models import Worker

WORKER_DAYS = 1
QUEUE_RECORD_DAYS = 14


def delete_old_records() -> None:
    """Delete the queue's records, and workers that are long gone."""
    Task.objects.filter(stopped__lt=now_plus(-datetime.timedelta(days=QUEUE_RECORD_DAYS))).delete()
    Worker.objects.filter(last_seen_at__lt=now_plus(-datetime.timedelta(days=WORKER_DAYS))).delete()
