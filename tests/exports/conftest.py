import pytest

from accounts.models import User
from archive.filters import IssueFilter
from exports import services
from exports.models import ExportJob
from tests.factories import make_issue


@pytest.fixture
def job(alice: User) -> ExportJob:
    """An export that alice requested and no worker has claimed."""
    make_issue(1)
    return services.request_export(alice, IssueFilter())
