from tests.journey.conftest import mail_server, portal

__all__ = ["mail_server", "portal"]
