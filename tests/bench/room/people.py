"""`python -m tests.bench.room.people COUNT`: makes accounts that are logged in, and a live Space;
prints them as JSON.

Runs beside a started stack with its DATA_DIR, PORT and REDIS_URL.
"""

import json
import os
import sys
from importlib import import_module

import django


def make(count: int) -> dict[str, object]:
    """Return the Space's id, the host's session cookie and those of `count` listeners."""
    from django.db import transaction

    from accounts.models import User
    from spaces.services import scheduling
    from spaces.services.scheduling import SpaceDraft

    rows = [
        User(handle=f"listener{number}", email=f"listener{number}@example.org")
        for number in range(count + 1)
    ]
    for user in rows:
        user.set_unusable_password()
    with transaction.atomic():
        host, *listeners = User.objects.bulk_create(rows)
        cookies = [_log_in(user.pk, user.get_session_auth_hash()) for user in (host, *listeners)]
    space = scheduling.start(
        scheduling.open_now(host, SpaceDraft(title="A full house", video_enabled=True)), host
    )
    return {"space": space.public_id, "host": cookies[0], "cookies": cookies[1:]}


def _log_in(user: int, session_hash: str) -> str:
    """Return the cookie of a new session; the log-in page would spend most of the bench on hashing
    passwords.
    """
    from django.conf import settings
    from django.contrib import auth

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[auth.SESSION_KEY] = str(user)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = session_hash
    session.create()
    return str(session.session_key)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.stdout.write(json.dumps(make(int(sys.argv[1]))) + "\n")


if __name__ == "__main__":
    main()
