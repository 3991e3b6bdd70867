"""No Admin page of the queue: a Schedule is a way to run any code, and so is running a failed task again."""

import django_q.admin  # noqa: F401 - registers its models, so that they can be unregistered here
from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

for queue_model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(queue_model):
        admin.site.unregister(queue_model)
