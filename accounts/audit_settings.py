"""Records with which settings the web server and workers start, if they differ from those of the start before.

That must not hold up the start, nor fail it: a thread tries until the database takes it.
"""

import json
import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.db import Error, connection

from accounts import audit
from accounts.models import AuditEvent

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10
TRIES = 60


def record_in_background(process: str) -> None:
    """`process` is `web` or `worker`."""
    threading.Thread(target=_try_to_record, args=[process], daemon=True).start()


def record_settings(process: str) -> None:
    """Record the settings of this process, unless its last start had the same. Several may start at once."""
    values = audit.bounded(settings.SHOWN_SETTINGS)
    last = AuditEvent.objects.filter(action="settings.changed", object_id=process).order_by("-at", "-pk").first()
    before: dict[str, Any] = {}
    if last is not None:
        before = last.details
    version: str = settings.VERSION
    if last is not None and (before["values"], before["version"]) == (values, version):
        return
    details = {"version": version, "values": values, "changed": _changed(before.get("values", {}), values)}
    last_id = getattr(last, "pk", 0)
    once = audit.new_key("settings", process, last_id, json.dumps(details, sort_keys=True))
    audit.record("settings.changed", on=audit.Target("process", process), details=details, once=once)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    names = sorted(before.keys() | after.keys())
    return [name for name in names if before.get(name) != after.get(name)]


def _try_to_record(process: str) -> None:
    for _ in range(TRIES):
        try:
            record_settings(process)
        except Error as error:
            logger.warning("The settings could not be recorded yet: %s", str(error).strip())
        else:
            return
        finally:
            connection.close()
        time.sleep(PAUSE_SECONDS)
