"""Errors about the user who sent the request."""

from core.errors import PortalError


class NotAnAdmin(PortalError):
    """The user is neither a Jira admin nor a site admin (contract: 403)."""

    status = 403
    title = "You don't have access"

    def __init__(self) -> None:
        super().__init__("User is not an admin.")

    @property
    def page_sentence(self) -> str:
        return "Only Jira admins and site admins can use the archive. Ask a site admin to give your account that role."
