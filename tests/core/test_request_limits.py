"""What is refused before anything else looks at the request: large bodies, unreadable ones, unknown methods."""

import io
from typing import Any

import pytest
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024
ADDRESSES = ["/sign-in", "/oauth/token", "/", "/exports/", "/admin/login/", "/nowhere", "/static/nothing.css"]
REST = ["/rest/api/3/issues/archive/export", "/rest/nowhere"]
MULTIPART = "multipart/form-data; boundary=x"


class Unread(io.RawIOBase):
    """A body that must not be read."""

    def readable(self) -> bool:
        return True

    def read(self, _size: int = -1) -> bytes:
        raise AssertionError("the body was read")


def send_length(client: Client, address: str, length: int, method: str = "POST") -> Any:
    """Announce a body of so many bytes, with an invented CSRF cookie as in an attack."""
    client.cookies["csrftoken"] = "x" * 32
    environ: dict[str, Any] = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": MULTIPART, "wsgi.input": Unread()}
    return client.generic(method, address, **environ)


def send_chunked(client: Client, address: str, body: Any, content_type: str = MULTIPART) -> Any:
    """Send a body without a length, as the web server passes it on."""
    environ = {
        "CONTENT_LENGTH": "",
        "CONTENT_TYPE": content_type,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": body,
        "wsgi.input_terminated": True,
    }
    return client.generic("POST", address, **environ)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_large_body_is_refused_before_it_is_read(client: Client, address: str) -> None:
    response = send_length(client, address, MIB + 1)
    assert (response.status_code, response["Connection"]) == (413, "close")
    assert "larger than 1 MiB" in response.content.decode()


@pytest.mark.parametrize("address", REST)
def test_rest_clients_get_json(client: Client, address: str) -> None:
    response = send_length(client, address, MIB + 1)
    assert (response.status_code, response["Connection"]) == (413, "close")
    assert response.json()["errorMessages"] == ["The request body is larger than 1 MiB."]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_large_body_is_refused_with_every_method(client: Client, method: str) -> None:
    assert send_length(client, "/imports/", MIB + 1, method).status_code == 413


def test_who_is_signed_in_is_refused_too(client: Client, alice: User) -> None:
    client.force_login(alice)
    for address in (*ADDRESSES, *REST):
        assert send_length(client, address, 299 * MIB).status_code == 413


def test_the_upload_page_checks_who_asks_before_it_reads(client: Client, dave: User) -> None:
    assert send_length(client, "/imports/", 299 * MIB)["Location"] == "/sign-in?next=/exports/"
    client.force_login(dave)
    assert send_length(client, "/imports/", 299 * MIB).status_code == 403


@pytest.mark.parametrize("address", [*ADDRESSES, *REST])
def test_a_chunked_body_is_read_only_until_it_is_too_large(client: Client, address: str) -> None:
    body = io.BytesIO(b"x" * (2 * MIB))
    response = send_chunked(client, address, body)
    assert (response.status_code, response["Connection"]) == (413, "close")
    assert body.tell() == MIB + 1


def test_a_short_chunked_body_is_read_as_any_other(client: Client) -> None:
    form = io.BytesIO(b"grant_type=client_credentials&client_id=none")
    response = send_chunked(client, "/oauth/token", form, "application/x-www-form-urlencoded")
    assert response.json() == {"error": "invalid_client"}


def test_an_upload_must_say_how_long_it_is(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = send_chunked(client, "/imports/", Unread())
    assert (response.status_code, response["Connection"]) == (411, "close")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
@pytest.mark.parametrize("address", ["/admin/", "/sign-in", "/static/nothing.css"])
def test_an_unknown_method_is_refused(client: Client, alice: User, method: str, address: str) -> None:
    client.force_login(alice)
    response = client.generic(method, address)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")


def test_an_unknown_method_under_rest_is_refused_as_json(client: Client) -> None:
    response = client.generic("TRACE", "/rest/api/3/task/1")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    assert response.json()["errorMessages"] == ["The method TRACE is not allowed."]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("address", ["/admin/", "/admin/accounts/user/add/", "/admin/nothing/"])
def test_admin_has_no_other_methods_than_those_of_forms(client: Client, alice: User, method: str, address: str) -> None:
    client.force_login(alice)
    response = client.generic(method, address)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")
