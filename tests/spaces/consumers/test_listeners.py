"""How often, and how much, is said of who listens."""

import time

import pytest
import redis
from asgiref.sync import sync_to_async

from accounts.models import User
from spaces.consumers import listeners
from spaces.consumers.listeners import Listeners, look_every_s
from spaces.models import Attendance, Space
from spaces.rooms import people, snapshot
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


async def test_it_shows_another_name_at_once_and_says_nothing_twice(own_redis: redis.Redis) -> None:
    host, ann = await apeople("host", "ann")
    space = await alive_space(host)
    room = Listeners(space.public_id)
    await acome(own_redis, space, ann)
    await room.look([host.pk], 0.0)
    await User.objects.filter(pk=ann.pk).aupdate(display_name="Ann Lee")
    ann.display_name = "Ann Lee"
    room.on_renamed(snapshot.person(people.person(ann)))
    assert [person.name for person in room.sample] == ["Ann Lee"]
    assert await room.look([host.pk], 1.0) is None, "Pages were told by `person.changed`."


async def test_it_looks_again_after_another_name_that_it_may_have_read_before(
    own_redis: redis.Redis,
) -> None:
    host, ann = await apeople("host", "ann")
    space = await alive_space(host)
    room = Listeners(space.public_id)
    await acome(own_redis, space, ann)
    room.on_renamed(snapshot.person(people.person(ann)))
    await User.objects.filter(pk=ann.pk).aupdate(display_name="Ann Lee")
    await room.look([host.pk], 0.0)
    assert [person.name for person in room.sample] == ["Ann Lee"]
