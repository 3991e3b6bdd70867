"""What the archive tells the apps above it."""

from django.dispatch import Signal

account_anonymised = Signal()
"""Sent in the transaction that gives an account a new ID, with `old_id` and `new_id`."""
