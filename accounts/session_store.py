"""Where sessions are kept: in the table `accounts.Session`, under a hash of the key that the browser's cookie has.

So nobody who reads the database, a backup or Admin can use a session. A session is over when its cookie expires, when
it was not used for SESSION_IDLE_MINUTES, or SESSION_HOURS after the sign-in.
"""

import datetime
import time
from hashlib import sha256
from typing import Any

from django.contrib.auth import SESSION_KEY as USER_ID
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models.functions import Now

from accounts.models import Session

SIGNED_IN_AT = "signed_in_at"


class SessionStore(DatabaseStore):
    row: Session | None = None
    """What was read from the table; None before, and for a session that has just begun."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.over().delete()

    def _get_session_from_db(self) -> Session | None:
        self.row = Session.objects.alive().filter(session_key=hash_key(self.session_key)).first()
        if self.row is None:
            self._session_key = None
        return self.row

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=hash_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = Session(
            session_key=hash_key(self._get_or_create_session_key()),  # type: ignore[attr-defined]
            expire_date=self.get_expiry_date(),
            last_seen_at=Now(),
        )
        if USER_ID in data:
            signed_in_at = data.setdefault(SIGNED_IN_AT, time.time())
            session.signed_in_at = datetime.datetime.fromtimestamp(signed_in_at, tz=datetime.UTC)
            session.user_id = int(data[USER_ID])
        session.session_data = self.encode(data)
        return session

    def delete(self, session_key: str | None = None) -> None:
        Session.objects.filter(session_key=hash_key(session_key or self.session_key)).delete()


def hash_key(session_key: str | None) -> str:
    """Under which key the table has this session: 160 bits of SHA-256. The session's own key has 165 random ones."""
    return sha256((session_key or "").encode()).hexdigest()[:40]
