"""Details as JSON: how it is written, and how people and the values of fields look in it."""

import json
import re
from collections.abc import Mapping
from typing import Any

# The members that identify a person: accountId in Jira Cloud, key and name in Data Center.
ID_MEMBERS = ("accountId", "key", "name")
# The first of these members that a value has is its text.
TEXT_MEMBERS = ("value", "displayName", "name", "key", "title", "text", "label", "accountId")
# How Data Center writes a sprint: the fields of a Java object.
SPRINT_OBJECT = re.compile(r"com\.atlassian\.greenhopper\.service\.sprint\.Sprint@.*?[\[,]name=(.*?),\w+=", re.DOTALL)

Json = Any
"""None, a text, number or boolean, or a list or dict of such values."""


class CompactEncoder(json.JSONEncoder):
    """Writes no blanks and no escapes that JSON doesn't need, so that SQLite finds a text in the JSON."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**(options | {"ensure_ascii": False, "separators": (",", ":")}))


_encode = CompactEncoder().encode


def to_json(value: Json) -> str:
    """The JSON text, exactly as the database gets it from a JSONField with this encoder."""
    return _encode(value)


def person_id(value: Mapping[str, Any]) -> str:
    """The account ID in a person's JSON, as `Account.account_id`; "" if there is none."""
    for name in ID_MEMBERS:
        member = value.get(name)
        if isinstance(member, str) and member:
            return member
    return ""


def texts_of(value: Json) -> list[str]:
    """A field's value as texts, one for each value that it has, as Jira's CSV shows them."""
    if isinstance(value, list):
        return [_text_of(item) for item in value]
    return [_text_of(value)]


def _text_of(value: Json) -> str:
    if isinstance(value, str):
        sprint = SPRINT_OBJECT.match(value)
        if sprint:
            return sprint[1]
        return value
    if isinstance(value, dict):
        for name in TEXT_MEMBERS:
            text = value.get(name)
            if isinstance(text, str) and text:
                return _with_child(text, value.get("child"))
    return to_json(value)


def _with_child(text: str, child: Json) -> str:
    """A cascading select has a parent and a child option."""
    if isinstance(child, dict) and isinstance(child.get("value"), str):
        return f"{text} -> {child['value']}"
    return text
