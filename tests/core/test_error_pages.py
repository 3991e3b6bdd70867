"""Errors as pages."""

from html import unescape

import pytest
from django.test import Client

from accounts.models import User


def test_an_unknown_address_shows_a_page(client: Client, bob: User) -> None:
    client.force_login(bob)
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert "<h1>Page not found</h1>" in response.content.decode()


def test_a_wrong_number_in_an_address_shows_a_page(client: Client, bob: User) -> None:
    client.force_login(bob)
    response = client.get("/exports/?before=x")
    assert response.status_code == 400
    assert "<h1>Something went wrong</h1>" in response.content.decode()


@pytest.mark.django_db
def test_an_address_for_forms_shows_a_page() -> None:
    response = Client().get("/sign-out")
    assert response.status_code == 405
    assert "<h1>This page can't be opened directly</h1>" in unescape(response.content.decode())


@pytest.mark.django_db
def test_a_form_without_a_csrf_token_shows_a_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in", {})
    assert response.status_code == 403
    assert "<h1>This page expired. Reload and try again.</h1>" in response.content.decode()
