"""One shared byte: whether this worker is to stop. Forked processes see it where no signal reaches them.

django-q2's workers ignore SIGINT, die of SIGTERM and never see the cluster's stop event; a page of memory
that was mapped before they were forked is the same page in all of them.
"""

import mmap

_flag = mmap.mmap(-1, 1)


def begin() -> None:
    """From now on nothing new is begun, and an export under way goes back to the queue at its next beat."""
    _flag[0] = 1


def is_asked() -> bool:
    return bool(_flag[0])


def forget() -> None:
    """Work again: for tests, which outlive what they drain."""
    _flag[0] = 0
