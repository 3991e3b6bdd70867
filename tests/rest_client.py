"""Helpers that send REST requests like clients do."""

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from accounts.models import User

EXPORT = "/rest/api/3/issues/archive/export"
ClientOf = Callable[[User], APIClient]


def put(client: APIClient, body: Any) -> Any:
    return client.put(EXPORT, json.dumps(body), content_type="application/json")


def basic(user_name: str, password: str) -> str:
    return "Basic " + b64encode(f"{user_name}:{password}".encode()).decode()
