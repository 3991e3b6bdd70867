"""How long the queue's own records and rows of workers are kept."""

import datetime

from django.conf import settings
from django_q.models import OrmQ, Task

from jobs.leased import now_plus
from jobs.models import Worker

WORKER_DAYS = 1
QUEUE_RECORD_DAYS = 14
GONE_SECONDS = 300


def delete_old_records() -> None:
    """Delete the queue's records, workers that are long gone, and messages that only a worker that is gone can take."""
    Task.objects.filter(stopped__lt=now_plus(-datetime.timedelta(days=QUEUE_RECORD_DAYS))).delete()
    Worker.objects.filter(last_seen_at__lt=now_plus(-datetime.timedelta(days=WORKER_DAYS))).delete()
    alive = Worker.objects.seen_within(GONE_SECONDS).values_list("name", flat=True)
    OrmQ.objects.exclude(key__in=[settings.Q_CLUSTER["name"], *alive]).delete()
