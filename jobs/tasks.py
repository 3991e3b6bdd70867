"""What the queue runs for `jobs` itself."""

import logging

from jobs.registry import sweeps

logger = logging.getLogger(__name__)


def answer() -> None:
    """Do nothing: that it was done shows that the queue works."""


def sweep() -> None:
    """Do what must happen in time, whatever died. A step that fails does not keep the others from running."""
    for step in sweeps:
        try:
            step.run()
        except Exception:
            logger.exception("The sweep could not %s", step.name)
