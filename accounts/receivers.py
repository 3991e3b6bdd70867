"""What happens in `accounts` when Django or allauth says that something has happened."""

from allauth.account.signals import email_changed
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.admin.models import LogEntry
from django.contrib.auth import user_logged_out
from django.db.models.signals import post_save

from accounts import credentials, email_addresses, person_events, roles, second_factors, sign_in_events
from accounts.models import User


def connect() -> None:
    post_save.connect(email_addresses.keep_in_step, sender=User)
    post_save.connect(person_events.record_created, sender=User)
    post_save.connect(person_events.record_admin_change, sender=LogEntry)
    email_changed.connect(email_addresses.record_change)
    authenticator_added.connect(second_factors.record_added)
    authenticator_reset.connect(second_factors.record_added)
    authenticator_removed.connect(second_factors.record_removed)
    authentication_failed.connect(sign_in_events.record_wrong_code)
    user_logged_out.connect(sign_in_events.record_signed_out)
    roles.credentials_lost.connect(credentials.end_lost)
