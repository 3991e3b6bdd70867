"""One shared byte: whether this worker was asked to stop. Forked processes see it without a signal.

django-q2's workers ignore SIGINT, die of SIGTERM and never see the cluster's stop event; a page of memory that was
mapped before they were forked is the same page in all of them.
"""

import mmap

_flag = mmap.mmap(-1, 1)


def request() -> None:
    """From now on nothing new is started, and a job that is running is requeued at its next heartbeat."""
    _flag[0] = 1


def is_requested() -> bool:
    return bool(_flag[0])


def reset() -> None:
    """Work again: for tests, which outlive the shutdown they request."""
    _flag[0] = 0
