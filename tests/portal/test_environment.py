"""Environment variables are read as they are declared: the default, the value, or an error that says what to use."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import Environment, Folder, Group, Number, NumberList, Switch, Text, TextList, Variable

VARIABLES: list[Variable] = [
    Text(name="COLOR", help="", default="red", choices=("red", "green", "blue")),
    Text(name="CODE", help="", form="a code of four letters", is_valid=lambda text: len(text) == 4),
    Text(name="ADDRESS", help="", form="an address such as sea://host"),
    Text(name="SECRET", help="", form="the word", is_valid=lambda text: text == "sesame", is_secret=True),
    Number(name="COUNT", help="", default=3, form="a number of things", minimum=1, maximum=10_000),
    Number(name="OPEN", help="", default=1_000, form="a number of doors", minimum=1_000),
    Switch(name="LIGHT", help="", default=True),
    Folder(name="PLACE", help=""),
    TextList(name="NAMES", help="", form="names"),
    NumberList(name="WAITS", help="", default=[1, 2], form="numbers of seconds", minimum=1),
]


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Environment:
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    return Environment([Group("All", "", VARIABLES)])


def test_it_works(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COLOR": "blue", "COUNT": "7", "LIGHT": "off", "NAMES": "ann,bob", "WAITS": "5,6"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PLACE", "/tmp/place")
    assert env.text("COLOR") == "blue"
    assert env.number("COUNT") == 7
    assert env.switch("LIGHT") is False
    assert env.folder("PLACE", Path("/")) == Path("/tmp/place")
    assert env.text_list("NAMES", []) == ["ann", "bob"]
    assert env.number_list("WAITS") == [5, 6]


def test_a_variable_that_is_not_set_has_its_default(env: Environment) -> None:
    assert env.text("COLOR") == "red"
    assert env.number("COUNT") == 3
    assert env.number("COUNT", 0) == 0
    assert env.switch("LIGHT") is True
    assert env.folder("PLACE", Path("/var")) == Path("/var")
    assert env.text_list("NAMES", ["carol"]) == ["carol"]
    assert env.number_list("WAITS") == [1, 2]


@pytest.mark.parametrize(
    ("method", "name", "value", "message"),
    [
        ("text", "COLOR", "pink", "COLOR is 'pink'. Use red, green or blue."),
        ("text", "COLOR", "", "COLOR is ''. Use red, green or blue."),
        ("text", "CODE", "abc", "CODE is 'abc'. Use a code of four letters."),
        ("text", "SECRET", "guess", "SECRET can't be used. Use the word."),
        ("number", "COUNT", "0", "COUNT is '0'. Use a number of things, from 1 to 10,000."),
        ("number", "COUNT", "10001", "COUNT is '10001'. Use a number of things, from 1 to 10,000."),
        ("number", "COUNT", "many", "COUNT is 'many'. Use a number of things, from 1 to 10,000."),
        ("number", "OPEN", "999", "OPEN is '999'. Use a number of doors, at least 1,000."),
        ("switch", "LIGHT", "dim", "LIGHT is 'dim'. Use on or off."),
        (
            "number_list",
            "WAITS",
            "1,0",
            "WAITS is '1,0'. Use numbers of seconds, each at least 1, separated by commas.",
        ),
        ("number_list", "WAITS", "", "WAITS is ''. Use numbers of seconds, each at least 1, separated by commas."),
    ],
)
def test_a_value_that_is_not_allowed_is_refused(
    env: Environment, monkeypatch: pytest.MonkeyPatch, method: str, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        getattr(env, method)(name)
    assert str(refusal.value) == message


def test_a_password_in_a_url_is_not_repeated(env: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(text: str) -> dict[str, Any]:
        raise ValueError(text)

    monkeypatch.setenv("ADDRESS", "sea://ann:op/e@n@host")
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.parsed("ADDRESS", "", parse)
    assert str(refusal.value) == "ADDRESS is 'sea://…@host'. Use an address such as sea://host."


def test_a_variable_must_be_declared_as_what_it_is_read(env: Environment) -> None:
    with pytest.raises(ImproperlyConfigured, match="COUNT isn't declared as Text in"):
        env.text("COUNT")
    with pytest.raises(ImproperlyConfigured, match="UNKNOWN isn't declared as Number in"):
        env.number("UNKNOWN")
