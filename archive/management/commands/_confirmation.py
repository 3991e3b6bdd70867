"""Asking for confirmation on the terminal."""

import sys

from django.core.management.base import CommandError


def confirm(warning: str, answer: str, *, is_confirmed: bool) -> None:
    """Show the warning and ask the user to type `answer`, unless the command has confirmed already (`--yes`).

    Raises:
        CommandError: the user typed something else, or there is no terminal to ask on.
    """
    if is_confirmed:
        return
    if not sys.stdin.isatty():
        raise CommandError("Nothing was changed: there is no terminal to ask for confirmation. Give --yes.")
    try:
        typed = input(f"{warning} Type {answer} to continue: ")
    except EOFError:  # Ctrl-D
        typed = ""
    if typed.strip() != answer:
        raise CommandError("Nothing was changed.")
