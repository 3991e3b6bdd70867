"""django-q2's queue in our database, on the database's clock, oldest message first.

django-q2's own ORM broker uses each host's clock, so that a clock that was set back hides every message for as long,
and it takes rows in no order. A worker also listens on a key of its own: a message that is sent there tests that
worker, and no other host can answer it.
"""

import datetime
import time
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Value, When
from django.db.models.functions import Now
from django_q.brokers.orm import ORM

POLL: float = settings.Q_CLUSTER["poll"]  # type: ignore[assignment]
RETRY: int = settings.Q_CLUSTER["retry"]  # type: ignore[assignment]


class DatabaseClockBroker(ORM):
    """Takes one message by a conditional UPDATE, which one of any number of hosts wins."""

    own_key: ClassVar[str] = ""
    """Set before the cluster is forked; messages under it come first and go to this worker alone."""

    def timeout(self, task: Any) -> Any:
        """When an unanswered message is offered again."""
        return Now() + Value(datetime.timedelta(seconds=RETRY), models.DurationField())

    def enqueue(self, task: str) -> int:
        message = self.get_connection().create(key=self.list_key, payload=task, lock=Now())
        key: int = message.pk
        return key

    def dequeue(self) -> list[tuple[int, str]] | None:
        """As the parent: a list of (key, message), or None after a wait of `poll` seconds."""
        keys = [self.list_key]
        if self.own_key:
            keys.append(self.own_key)
        own_first = Case(When(key=self.own_key, then=0), default=1)
        ready = self.get_connection().filter(key__in=keys, lock__lte=Now())
        message = ready.order_by(own_first, "lock", "pk").first()
        if message is None:
            time.sleep(POLL)
            return None
        if not ready.filter(pk=message.pk).update(lock=self.timeout(message)):
            return None
        return [(message.pk, message.payload)]
