"""Every address, method and action, for everybody: exactly those with access get through.

An address or an action of Admin that has no row fails. So does a row without an address.
"""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, Consent, Session, User
from tests.permissions.addresses import example, routes
from tests.permissions.rows import ACTIONS, METHODS, PEOPLE, ROWS
from tests.permissions.world import EVERYBODY, ID, Somebody, create_everybody, undone

pytestmark = pytest.mark.django_db
PUBLIC_FORMS = ("/sign-in", "/oauth/token", "/oauth/revoke")
"""They need no session: a secret is in the form."""


@pytest.fixture
def everybody(db: None) -> dict[str, Somebody]:
    return create_everybody()


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(routes()) == set(ROWS)


def test_every_action_has_a_row() -> None:
    assert [name for name, _ in admin.site.actions] == ["delete_selected"]
    names = {}
    for model, model_admin in admin.site._registry.items():
        if model_admin.actions:
            names[model._meta.label_lower] = set(model_admin.actions)
    assert names == {model: set(actions) for model, actions in ACTIONS.items()}


@pytest.mark.parametrize("method", METHODS)
def test_it_works(everybody: dict[str, Somebody], method: str) -> None:
    wrong = []
    for route, row in ROWS.items():
        for who in EVERYBODY:
            answer = everybody[who].send(method, example(route))
            if answer.status_code != row.expected(method, who):
                wrong.append(f"{method} {route} by {who}: {answer.status_code}, not {row.expected(method, who)}")
            elif answer.status_code == 302 and who not in PEOPLE:
                assert answer["Location"].startswith(("/sign-in", "/admin/")), answer["Location"]
    assert not wrong, "\n".join(wrong)


def test_trace_is_answered_nowhere(everybody: dict[str, Somebody]) -> None:
    for route in ROWS:
        for who in EVERYBODY:
            assert everybody[who].send("TRACE", example(route)).status_code == 405, f"{route} by {who}"


@pytest.mark.parametrize("who", EVERYBODY)
def test_actions_of_admin(everybody: dict[str, Somebody], who: str) -> None:
    for model, actions in ACTIONS.items():
        for name, access in actions.items():
            assert _changes_something(everybody[who], model, name) == (who in access), f"{name} {model}"


def _changes_something(somebody: Somebody, model: str, action: str) -> bool:
    """Whether the action, run on all objects, changes anything about users and tokens."""
    before = _state()
    address = reverse("admin:{}_{}_changelist".format(*model.split(".")))
    ids = [str(pk) for pk, *_ in before[model]]
    client = somebody.client()
    with undone():
        client.post(address, {"action": action, "_selected_action": ids})
        return _state() != before


def _state() -> dict[str, list[Any]]:
    return {
        "accounts.user": list(User.objects.order_by("pk").values_list("pk", "is_active")),
        "mfa.authenticator": list(Authenticator.objects.order_by("pk").values_list("pk")),
        "accounts.session": list(Session.objects.order_by("pk").values_list("pk")),
        "accounts.consent": list(Consent.objects.order_by("pk").values_list("pk", "ended_at")),
        "accounts.apitoken": list(ApiToken.objects.order_by("pk").values_list("pk", "revoked")),
    }


def test_nobody_can_delete_anything_in_admin(everybody: dict[str, Somebody]) -> None:
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        count = model._default_manager.count()
        assert count, model
        form = {"action": "delete_selected", "_selected_action": [str(ID)], "post": "yes"}
        for somebody in everybody.values():
            somebody.client().post(address, form)
        assert model._default_manager.count() == count


def test_forms_from_another_origin_are_refused(everybody: dict[str, Somebody]) -> None:
    user = everybody["site admin"].user
    assert user
    client = Client(enforce_csrf_checks=True, raise_request_exception=False, headers={"origin": "https://evil.example"})
    client.force_login(user)
    answers = {}
    for route in ROWS:
        if not route.startswith(PUBLIC_FORMS):
            answers[route] = client.post(example(route)).status_code
    assert {route: status for route, status in answers.items() if status not in {403, 404, 405}} == {}
