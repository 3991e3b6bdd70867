"""How allauth's second factors work in this portal: names, and secrets that are encrypted in the database."""

import base64
import os
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import salted_hmac

NONCE_BYTES = 12


class MfaAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Incorrect code. Each code works once, and codes of an app for 30 seconds.",
    }

    def encrypt(self, text: str) -> str:
        """The secret of an app, or the seed of recovery codes, so that nobody finds it in the database or a backup."""
        nonce = os.urandom(NONCE_BYTES)
        encrypted = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, text.encode(), None)
        return base64.b64encode(nonce + encrypted).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidTag if it was encrypted with a key that is not known, or changed."""
        stored = base64.b64decode(encrypted_text)
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
            try:
                return AESGCM(_key(secret)).decrypt(stored[:NONCE_BYTES], stored[NONCE_BYTES:], None).decode()
            except InvalidTag:  # of another key
                continue
        raise InvalidTag

    def get_totp_issuer(self) -> str:
        return self._get_site_name()

    def _get_site_name(self) -> str:
        return f"Archive Export Portal, {_host()}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": _host(), "name": self._get_site_name()}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002 - allauth's
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"Passkey {number}"


def _host() -> str:
    return urlsplit(settings.PORTAL_URL).hostname or ""


def _key(secret: str | bytes) -> bytes:
    """A key of AES-256 for second factors alone."""
    digest: bytes = salted_hmac("accounts.mfa_adapter", "second factors", secret=secret, algorithm="sha256").digest()
    return digest
