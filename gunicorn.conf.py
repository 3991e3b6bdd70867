"""The web server: a few processes of several threads, so that slow downloads do not hold up the pages."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "16"))
limit_request_line = 8190  # a view is shared by its address, which names every person chosen
timeout = 60
graceful_timeout = 20
