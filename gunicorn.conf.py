"""Web server settings: a few processes with several threads each, so that slow downloads do not delay pages."""

from portal.environment import Environment
from portal.variables import GROUPS

env = Environment(GROUPS)
bind = f"{env.text('HOST')}:{env.number('PORT')}"
worker_class = "gthread"
workers = env.number("WEB_CONCURRENCY")
threads = env.number("WEB_THREADS")
# Processes share the memory of the code, and one that was lost is replaced at once.
preload_app = True
limit_request_line = 8190  # the address of a shared view contains every selected person
timeout = 60
graceful_timeout = 20
