"""A room of `rooms.world` put into the database.

So the same cases run through sockets and REST.
"""

import time
from dataclasses import replace

from django.utils import timezone

from accounts.models import User
from config import redis_clients
from posts.models import Post
from spaces.models import Attendance, Pin, Space
from spaces.rooms import repository, saving
from spaces.rooms.state import Room
from spaces.services import presence_store
from tests.accounts.people import add_second_factor

PEOPLE = [1, 11, 12, 21, 22, 31, 32, 33, 34, 91]


def make_people() -> dict[int, User]:
    """Make the people of the world, with its ids."""
    rows = [
        User(pk=pk, handle=f"p{pk}", email=f"p{pk}@example.org", is_staff=pk == 91) for pk in PEOPLE
    ]
    for user in rows:
        user.set_unusable_password()
        user.acts_as_staff = user.is_staff
    User.objects.bulk_create(rows)
    add_second_factor(User.objects.get(is_staff=True))
    for pk in (5, 6, 9):
        Post.objects.create(pk=pk, author_id=22, text=f"post {pk}")
    return {user.pk: user for user in rows}


def store_room(room: Room) -> Space:
    """Return a Space that is in this state, with everybody it knows of present."""
    over = {"state": Space.State.ENDED, "acting_host": None, "host_lost_until": None}
    Space.objects.filter(host_id=room.host, state=Space.State.LIVE).update(**over)
    space = Space.objects.create(
        host_id=room.host, creator_id=room.host, title=room.title, video_enabled=room.video
    )
    now = timezone.now()
    seats = tuple(
        replace(seat, seen_at=now, lost_at=now if seat.lost_at else None) for seat in room.seats
    )
    _, empty = repository.load(space.public_id)
    full = replace(room, id=space.public_id, seats=seats, started_at=now, pins=())
    saving.save(space, replace(empty, seats=()), full)
    for pin in room.pins:
        Pin.objects.update_or_create(
            pk=pin.id, defaults={"space": space, "post_id": pin.post.id, "by_id": pin.by}
        )
    Attendance.objects.bulk_create(
        [Attendance(space=space, user_id=pk) for pk in PEOPLE], ignore_conflicts=True
    )
    redis_clients.blocking().zadd(
        presence_store.key(space.public_id), {str(pk): time.time() + 3600 for pk in PEOPLE}
    )
    return space
