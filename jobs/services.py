"""What pages and commands ask about workers."""

from jobs import long_write
from jobs.models import SEEN_SECONDS, Worker


def workers_seen() -> list[Worker]:
    """The workers of the last day, the most recently seen first."""
    return list(Worker.objects.order_by("-last_seen_at"))


def worker_seen_lately() -> bool:
    """Whether any worker was seen in the last SEEN_SECONDS, or can't report because of a long write on SQLite."""
    return long_write.is_running() or Worker.objects.seen_within(SEEN_SECONDS).exists()
