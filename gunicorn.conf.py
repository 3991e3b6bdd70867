"""Web server settings: a few processes with several threads each, none of which slow clients can hold up."""

from typing import Any

from portal.environment import Environment
from portal.variables import GROUPS

env = Environment(GROUPS)
bind = f"{env.text('HOST')}:{env.number('PORT')}"
worker_class = "core.web_worker.PacedWorker"
workers = env.number("WEB_CONCURRENCY")
threads = env.number("WEB_THREADS")
# Processes share the memory of the code, and one that was lost is replaced at once.
preload_app = True
worker_connections = 512  # with their files and the database, fewer than the 1,024 files a process may usually open
limit_request_line = 8190  # the address of a shared view contains every selected person
timeout = 60
graceful_timeout = 20
control_socket_disable = True


def post_worker_init(worker: Any) -> None:  # noqa: ARG001 - Gunicorn calls it in each process, before requests
    from accounts.audit_settings import record_in_background  # noqa: PLC0415 - the settings are ready only now

    record_in_background("web")
