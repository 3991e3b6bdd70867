from exports.models.imports import ArchiveImport, Removal
from exports.models.issues import Account, ArchivedIssue, IssueType, MonthSummary, Project
from exports.models.jobs import Download, ExportEvent, ExportJob
from exports.models.mails import Mail
from exports.models.workers import Worker

__all__ = [
    "Account",
    "ArchiveImport",
    "ArchivedIssue",
    "Download",
    "ExportEvent",
    "ExportJob",
    "IssueType",
    "Mail",
    "MonthSummary",
    "Project",
    "Removal",
    "Worker",
]
