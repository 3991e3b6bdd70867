"""Record what a mail provider reports through its webhook: delivered, bounced, complained, …."""

from typing import Any

from exports.models import Mail


def record(event: Any, **_: Any) -> None:
    """Receiver of anymail's `tracking`, which is sent only for requests with a valid signature or secret.

    Reports without an ID and reports about other emails are ignored: the provider's account may have other senders.
    """
    if not event.message_id:
        return
    detail = event.mta_response or event.description or event.reject_reason or ""
    for mail in Mail.objects.filter(provider_id=event.message_id).select_related("job"):
        mail.record_delivery(event.event_type, event.timestamp, detail)
