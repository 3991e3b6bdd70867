from exports.models.jobs import Download, ExportEvent, ExportJob
from exports.models.mails import Mail

__all__ = ["Download", "ExportEvent", "ExportJob", "Mail"]
