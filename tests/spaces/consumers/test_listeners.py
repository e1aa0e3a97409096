"""How often, and how much, is said of who listens."""

import time

import pytest
import redis
from asgiref.sync import sync_to_async

from accounts.models import User
from spaces.consumers import listeners
from spaces.consumers.listeners import Listeners, look_every_s
from spaces.models import Attendance, Space
from spaces.rooms.messages import ListenersChangedMessage
from spaces.services import presence_store
from tests.spaces.town import alive_space, apeople

pytestmark = pytest.mark.django_db(transaction=True)


def come(own_redis: redis.Redis, space: Space, *people: User) -> None:
    rows = [Attendance(space=space, user=person) for person in people]
    Attendance.objects.bulk_create(rows, ignore_conflicts=True)
    own_redis.zadd(
        presence_store.key(space.public_id), {str(person.pk): time.time() for person in people}
    )


acome = sync_to_async(come)


@pytest.mark.parametrize(("count", "every_s"), [(0, 1), (100, 1), (101, 3), (1000, 3), (1001, 5)])
def test_it_looks_less_often_at_a_crowd(count: int, every_s: float) -> None:
    assert look_every_s(count) == every_s


async def test_it_tells_what_is_new_and_nothing_twice(own_redis: redis.Redis) -> None:
    host, ann, ben = await apeople("host", "ann", "ben")
    space = await alive_space(host)
    room = Listeners(space.public_id)
    await acome(own_redis, space, ann, ben)
    told = await room.look([host.pk], 0.0)
    assert told and told.count == 2
    assert room.count == 2 and [person.handle for person in room.sample] == ["ann", "ben"]
    assert await room.look([host.pk], 0.5) is None, "It is too early to look again."
    assert await room.look([host.pk], 1.0) is None, "Nothing has changed."


async def test_it_leaves_the_faces_out_when_they_are_the_same(
    own_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners, "FACES", 2)
    host, ann, ben, cleo = await apeople("host", "ann", "ben", "cleo")
    space = await alive_space(host)
    room = Listeners(space.public_id)
    await acome(own_redis, space, ann, ben)
    await room.look([host.pk], 0.0)
    await acome(own_redis, space, cleo)
    assert await room.look([host.pk], 1.0) == ListenersChangedMessage(3)
    own_redis.zrem(presence_store.key(space.public_id), str(ann.pk))
    told = await room.look([host.pk], 2.0)
    assert told and told.sample
    assert [person.handle for person in room.sample] == ["ben", "cleo"]
