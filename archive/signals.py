"""Signals for the apps that build on the archive."""

from django.dispatch import Signal

account_anonymised = Signal()
"""Sent in the transaction that anonymises an account, with its `old_id` and `new_id`."""
