"""Times on pages."""

import datetime

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.formats import local_time

register = template.Library()


@register.simple_tag
def moment(at: datetime.datetime | None) -> SafeString | str:
    """A `<time>` element with the time in the user's time zone, such as 31 Jan 2026, 12:00; "" for None."""
    if at is None:
        return ""
    local = local_time(at)
    zone = ""
    if local.tzinfo is not timezone.get_current_timezone():
        zone = " UTC"
    return format_html('<time datetime="{}">{}{}</time>', local.isoformat(), format_date(local, "j M Y, H:i"), zone)
