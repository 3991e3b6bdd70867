import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiToken, User

EXPORT = "/rest/api/3/issues/archive/export"
ClientOf = Callable[[User], APIClient]


def put(client: APIClient, body: Any) -> Any:
    return client.put(EXPORT, json.dumps(body), content_type="application/json")


@pytest.fixture
def client_of() -> ClientOf:
    """A REST client that sends this person's e-mail and a token of theirs."""

    def make(user: User) -> APIClient:
        _, token = ApiToken.objects.create_key(user=user, name="test")
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=basic(user.email, token))
        return client

    return make


def basic(user_name: str, password: str) -> str:
    return "Basic " + b64encode(f"{user_name}:{password}".encode()).decode()
