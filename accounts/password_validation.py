"""Refuses passwords that are easy to guess, beyond Django's list of common ones."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from zxcvbn import zxcvbn

from accounts.models import User

# Words that an attacker of this product tries first.
PRODUCT_WORDS = ("archive", "export", "portal", "jira", "atlassian", "issue", "admin", "password")
SHORTEST_WORD = 3
# zxcvbn estimates how many guesses an attacker needs who knows words, names, dates, keyboards and leaked passwords.
ENOUGH_GUESSES = 10**10
# The estimate takes longer than linear time. What follows can only add guesses.
LOOKED_AT = 72


class GuessablePasswordValidator:
    """Refuses a password that an attacker who knows the product, the site and the user would soon guess."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError if fewer than ENOUGH_GUESSES are needed. There are no rules of composition.

        Words of the product, the site and the user count for nothing.
        """
        rest = _without(_known_words(user), password)[:LOOKED_AT]
        if not rest or _guesses(rest) < ENOUGH_GUESSES:
            raise ValidationError(
                "This password is easy to guess. Use several unrelated words, or a password manager.",
                code="password_easy_to_guess",
            )

    def get_help_text(self) -> str:
        return "Your password can't be easy to guess. Several unrelated words are good."


def _guesses(text: str) -> int:
    return int(zxcvbn(text)["guesses"])  # type: ignore[no-untyped-call]


def _without(words: Iterator[str], text: str) -> str:
    """The text without any of the words, in any case."""
    long_enough = [re.escape(word) for word in words if len(word) >= SHORTEST_WORD]
    longest_first = sorted(long_enough, key=len, reverse=True)
    return re.sub("|".join(longest_first), "", text, flags=re.IGNORECASE)


def _known_words(user: User | None) -> Iterator[str]:
    yield from PRODUCT_WORDS
    host = urlsplit(settings.PORTAL_URL).hostname or ""
    yield from re.split(r"[^a-z0-9]+", host)
    if user is None:
        return
    yield from re.split(r"[^a-z0-9]+", user.email)
    yield from user.name.split()
