"""Web server settings: a few processes with several threads each, so that slow downloads do not delay pages."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "16"))
limit_request_line = 8190  # the address of a shared view contains every selected person
timeout = 60
graceful_timeout = 20
