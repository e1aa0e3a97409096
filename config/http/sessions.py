"""Log-in sessions in the database, as Django keeps them, found by a prepared query: every request
of a browser asks for its own.
"""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from config.db import prepared
from config.db.clock import Now


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        """None, and no key, for one that is not there any more."""
        found = prepared.fetch(_living, self.session_key or "")
        if not found:
            self._session_key = None
        return found[0] if found else None


def _living(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key, expire_date__gt=Now())
