"""What a mail provider reports after it took a mail: delivered, bounced, complained, through its webhook."""

from typing import Any

from exports.models import Mail


def record(event: Any, **_: Any) -> None:
    """Receiver of anymail's `tracking`, which is sent only for requests whose signature or secret was right.

    Reports about mails that are not ours, or that carry no ID, are passed over: a provider's account may
    serve other senders.
    """
    if not event.message_id:
        return
    words = event.mta_response or event.description or event.reject_reason or ""
    for mail in Mail.objects.filter(provider_id=event.message_id).select_related("job"):
        mail.note_delivery(event.event_type, event.timestamp, words)
