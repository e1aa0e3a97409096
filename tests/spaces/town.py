"""People and Spaces for tests of the room."""

import time
from dataclasses import replace
from typing import Any

from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from config import redis_clients
from spaces.models import Space
from spaces.services import presence_store, scheduling
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import add_second_factor, let_in


def person(handle: str, **fields: Any) -> User:  # Any: columns of a person.
    """Return a new account; staff have a second factor, and are as a log-in with it has them."""
    user = User(handle=handle, email=f"{handle}@example.org", **fields)
    user.set_unusable_password()
    user.save()
    if user.is_staff:
        add_second_factor(user)
        user.acts_as_staff = True
    return user


def people(*handles: str) -> list[User]:
    return [person(handle) for handle in handles]


def live_space(host: User, **fields: object) -> Space:
    """Return a Space that went live the usual way."""
    return scheduling.start(green_space(host, **fields), host)


def green_space(host: User, **fields: object) -> Space:
    # Tests name what they change.
    draft = replace(SpaceDraft("Tea", video_enabled=True), **fields)  # type: ignore[arg-type]
    return scheduling.open_now(host, draft)


def cookie_of(user: User) -> str:
    """Return the session cookie of a fresh log-in."""
    client = Client()
    let_in(client, user)
    return str(client.cookies["parley_session"].value)


aperson, apeople = sync_to_async(person), sync_to_async(people)
alive_space, agreen_space = sync_to_async(live_space), sync_to_async(green_space)
acookie_of = sync_to_async(cookie_of)


def be_in_room(space: Space, user: User) -> None:
    """Let the room see `user`, as the pings of their page would."""
    redis_clients.blocking().zadd(presence_store.key(space.public_id), {str(user.pk): time.time()})
