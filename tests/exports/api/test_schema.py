"""The OpenAPI description is the same as in docs/, and its page loads nothing from other sites."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def served() -> dict[str, Any]:
    answer = Client().get("/rest/api/3/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = json.loads(answer.content)
    return body


def test_it_works(served: dict[str, Any]) -> None:
    assert served["openapi"].startswith("3.1")
    operations = {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, methods in served["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {
        "exportArchivedIssues": "PUT /rest/api/3/issues/archive/export",
        "getTask": "GET /rest/api/3/task/{taskId}",
        "cancelTask": "POST /rest/api/3/task/{taskId}/cancel",
        "downloadFile": "GET /exports/{taskId}/file",
        "getManifest": "GET /exports/{taskId}/manifest.json",
        "unarchiveIssues": "PUT /rest/api/3/issue/unarchive",
    }


def test_the_file_in_docs_is_what_is_served(served: dict[str, Any]) -> None:
    kept = json.loads((settings.BASE_DIR / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert kept == served, "run `make openapi`"


def test_every_operation_names_both_security_schemes_and_its_scopes(served: dict[str, Any]) -> None:
    assert {name: scheme["type"] for name, scheme in served["components"]["securitySchemes"].items()} == {
        "basicAuth": "http",
        "OAuth2": "oauth2",
    }
    for path, methods in served["paths"].items():
        for operation in methods.values():
            scope = "write:jira-work" if path.endswith(("/cancel", "/unarchive")) else "read:jira-work"
            assert {"basicAuth": []} in operation["security"]
            assert {"OAuth2": [scope]} in operation["security"]
    granular = {
        operation["operationId"]: [scheme["OAuth2"][0] for scheme in operation["security"][2:]]
        for methods in served["paths"].values()
        for operation in methods.values()
    }
    assert granular == {
        "exportArchivedIssues": ["read:issue:jira"],
        "getTask": ["read:issue:jira"],
        "cancelTask": ["delete:async-task:jira"],
        "downloadFile": [],
        "getManifest": [],
        "unarchiveIssues": [],
    }


def test_every_error_is_an_error_collection_with_an_example(served: dict[str, Any]) -> None:
    for methods in served["paths"].values():
        for operation in methods.values():
            refusals = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
            assert set(refusals) >= {"401", "403", "429", "500", "503"}
            for answer in refusals.values():
                content = answer["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/ErrorCollection"}
                assert set(content["examples"]["Example"]["value"]) == {"errorMessages", "errors"}


def test_no_body_allows_additional_properties(served: dict[str, Any]) -> None:
    for name, schema in served["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name


def test_the_page_loads_nothing_from_other_sites() -> None:
    page = Client().get("/rest/api/3/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<script>" not in text
    assert "<style" not in text
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        if address.startswith("/static/"):
            assert finders.find(address.removeprefix("/static/")), address
        else:
            script = Client().get(address)
            assert (script.status_code, script["Content-Type"]) == (200, "application/javascript")
            assert "/rest/api/3/openapi.json" in script.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]
