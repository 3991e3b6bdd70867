"""Where the current work comes from: a request, a command or a worker. The audit trail records it with each event."""

import getpass
import os
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from accounts.audit_actions import CredentialKind


@dataclass(frozen=True)
class Origin:
    """Work that no request asked for. `actor` is the account of the operating system, or empty."""

    credential: CredentialKind = CredentialKind.NONE
    credential_name: str = ""
    actor: str = ""


_request: ContextVar[HttpRequest | None] = ContextVar("audited_request", default=None)
_process_origin = Origin()


class AuditContextMiddleware:
    """Lets events that are recorded while a request is answered name its user, address and credential."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(token)


def start_command(name: str) -> None:
    """From now on this process is this command, run by the operating system's account."""
    _set_process_origin(Origin(CredentialKind.COMMAND, name, operator_name()))


def start_worker(name: str) -> None:
    """From now on this process and its children are this worker."""
    _set_process_origin(Origin(CredentialKind.WORKER, name))


def _set_process_origin(origin: Origin) -> None:
    global _process_origin  # noqa: PLW0603 - a process does one thing
    _process_origin = origin


def current_request() -> HttpRequest | None:
    """The request that is being answered; None in a command or a worker."""
    return _request.get()


def current_origin() -> Origin:
    """Where work comes from that no request asked for."""
    return _process_origin


def operator_name() -> str:
    """The operating system's name for the account that runs this process; a container's account may have none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid-{os.getuid()}"
