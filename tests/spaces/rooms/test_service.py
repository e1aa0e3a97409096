"""The room in the database: stored as decided, one winner for the last seat, told after commit."""

import threading
import time
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.utils import IntegrityError

from accounts.models import Block, User
from config import redis_clients
from media_relay.protocol.relay import NODES_KEY, Policy, home_key, policy_key, requests_key
from spaces.models import Attendance, AuditEntry, Pin, Seat, Space
from spaces.relay.client import relays_key
from spaces.rooms import commands, repository, service
from spaces.rooms.actor import Actor
from spaces.rooms.errors import RoomError
from spaces.rooms.state import Presence, Role, Room
from spaces.services import presence_store, scheduling
from tests.spaces.rooms.table import invitation, rows, stage
from tests.spaces.rooms.world import COHOST, HOST, LISTENER, LISTENER2, SPEAKER, seat
from tests.spaces.stored import make_people, store_room
from tests.spaces.town import green_space, live_space, people, person


def here(space: Space, *users: int) -> None:
    redis_clients.blocking().zadd(
        presence_store.key(space.public_id), {str(user): 9e9 for user in users}
    )


@pytest.mark.django_db
def test_it_loads_what_it_saved() -> None:
    make_people()
    room = replace(
        stage(),
        invitations=(invitation(LISTENER, Role.SPEAKER),),
        bans={33: HOST},
        mics_locked=True,
        spotlight=SPEAKER,
    )
    _, loaded = repository.load(store_room(room).public_id)
    assert [(s.user, s.role, s.order) for s in loaded.seats] == [
        (s.user, s.role, s.order) for s in room.seats
    ]
    assert [(r.user, r.reason) for r in loaded.requests] == [
        (r.user, r.reason) for r in room.requests
    ]
    assert loaded.invitations == room.invitations
    assert (loaded.bans, loaded.mics_locked, loaded.spotlight) == ({33: HOST}, True, SPEAKER)
    assert [(pin.id, pin.post.id, pin.by) for pin in loaded.pins] == [(7, 5, 22), (8, 6, 21)]


@pytest.mark.django_db
def test_it_removes_and_changes_rows() -> None:
    make_people()
    space = store_room(stage())
    service.execute(space.public_id, Actor(HOST), commands.HandOver(COHOST))
    service.execute(space.public_id, Actor(COHOST), commands.MoveDown(SPEAKER))
    service.execute(space.public_id, Actor(COHOST), commands.RemovePin(7))
    roles = dict(Seat.objects.filter(space=space).values_list("user_id", "role"))
    assert roles == {HOST: "cohost", COHOST: "host", 12: "cohost", 22: "speaker"}
    assert list(Pin.objects.filter(space=space).values_list("pk", flat=True)) == [8]


@pytest.mark.django_db
def test_it_pins_a_post_by_its_address_and_hides_it_across_a_block() -> None:
    make_people()
    space = store_room(stage())
    Block.objects.create(blocker_id=22, blocked_id=LISTENER)
    room = service.execute(
        space.public_id, Actor(HOST), commands.AddPin("http://localhost:8000/posts/9/")
    )
    assert room.pins[-1].post.id == 9 and room.pins[-1].id
    assert room.pins[-1].post.hidden_from == {LISTENER}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["", "/posts/404/", "http://[", "/spaces/", "javascript:alert(1)", "/posts/9/x"]
)
def test_it_refuses_to_pin_what_is_no_post(url: str) -> None:
    make_people()
    space = store_room(stage())
    with pytest.raises(RoomError, match="bad_post"):
        service.execute(space.public_id, Actor(HOST), commands.AddPin(url))


@pytest.mark.django_db
def test_it_writes_down_what_host_cohost_and_staff_do() -> None:
    make_people()
    space = store_room(stage())
    service.execute(space.public_id, Actor(COHOST), commands.MuteSeat(SPEAKER))
    service.execute(space.public_id, Actor(91, is_staff=True), commands.EndSpace())
    entries = list(AuditEntry.objects.filter(space=space).order_by("id"))
    assert [(e.action, e.actor_handle, e.actor_role, e.target_handle) for e in entries] == [
        ("seat.mute", "p11", "cohost", "p21"),
        ("space.end", "p91", "moderator", ""),
    ]


@pytest.mark.django_db
def test_it_writes_a_title_down_as_it_is_kept() -> None:
    space = live_space(person("ayu"))
    renamed = commands.UpdateRoom(title="\u202eTea\x00\tand\ud83d cake")
    service.execute(space.public_id, service.actor_of(space.host), renamed)
    entry = AuditEntry.objects.get(action="room.update")
    assert entry.detail == {"title": "Tea and cake"}
    assert Space.objects.get(pk=space.pk).title == "Tea and cake"


@pytest.mark.django_db
def test_it_writes_nothing_down_that_was_refused() -> None:
    make_people()
    space = store_room(stage())
    with pytest.raises(RoomError):
        service.execute(space.public_id, Actor(LISTENER), commands.EndSpace())
    assert not AuditEntry.objects.exists()


def test_it_audits_every_command_that_only_those_in_charge_may_send() -> None:
    theirs = {type(row.command) for row in rows() if not row.allowed & {"speaker", "listener"}}
    # Recording is logged by what it does to the room.
    assert {command for command in theirs if not command.audited_as} == {
        commands.StartRecording,
        commands.StopRecording,
    }


@pytest.mark.django_db
def test_it_never_changes_the_log() -> None:
    alice = person("alice")
    space = live_space(alice)
    entry = AuditEntry.objects.get(action="space.start")
    entry.action = "nothing"
    for attempt in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(TypeError):
        AuditEntry.objects.update(action="nothing")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE spaces_auditentry SET action = 'nothing'")
    space.delete()
    alice.delete()
    assert AuditEntry.objects.get().actor_handle == "alice"


@pytest.mark.django_db
def test_it_holds_one_live_space_a_host_in_the_database() -> None:
    alice = person("alice")
    live_space(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Space.objects.create(host=alice, title="Second", state="live")


@pytest.mark.django_db
def test_it_refuses_a_second_live_space_that_raced_past_the_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice = person("alice")
    second = green_space(alice)
    Space.objects.create(host=alice, title="First", state="live")
    blind = lambda *args, **kwargs: Space.objects.none()  # noqa: E731
    monkeypatch.setattr("spaces.models.space.SpaceQuerySet.live", blind)
    with pytest.raises(RoomError, match="already_live"):
        scheduling.start(second, alice)


@pytest.mark.django_db(transaction=True)
def test_it_tells_the_home_relay_and_keeps_a_copy_of_the_policy() -> None:
    alice = person("alice")
    space = live_space(alice)
    redis_clients.blocking().set(home_key(space.public_id), "r1")
    redis_clients.blocking().sadd(relays_key(space.public_id), "long-gone")
    redis_clients.blocking().zadd(NODES_KEY, {"r1": time.time(), "long-gone": time.time() - 3600})
    service.execute(space.public_id, Actor(alice.pk), commands.SetMicrophone(True))
    text = redis_clients.blocking().get(policy_key(space.public_id))
    policy = msgspec.json.decode(text or b"{}", type=Policy)
    assert policy.publishers[str(alice.pk)].microphone and policy.rev == Space.objects.get().rev
    assert redis_clients.blocking().xlen(requests_key("r1")) == 1
    assert redis_clients.blocking().xlen(requests_key("long-gone")) == 0


@pytest.mark.django_db(transaction=True)
# Any: pytest-django's settings.
def test_it_does_its_work_while_redis_is_away(settings: Any) -> None:
    alice = person("alice")
    space = live_space(alice)
    redis_clients.blocking.cache_clear()
    settings.REDIS_URL = "unix:///nowhere/s"
    settings.CHANNEL_LAYERS = {
        "default": {
            **settings.CHANNEL_LAYERS["default"],
            "CONFIG": {"hosts": ["unix:///nowhere/s"]},
        }
    }
    try:
        service.execute(space.public_id, Actor(alice.pk), commands.SetMicrophone(True))
    finally:
        redis_clients.blocking.cache_clear()
    assert Seat.objects.get().microphone


# --- races ----------------------------------------------------------------------------------------


def at_once(works: list[Any]) -> list[str]:
    """Run all at the same moment, each on a connection of its own; return "" or the code of each
    refusal.
    """
    barrier = threading.Barrier(len(works))
    results = [""] * len(works)

    def run(index: int) -> None:
        barrier.wait()
        try:
            works[index]()
        except RoomError as error:
            results[index] = error.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def crowd(room: Room, ids: range) -> tuple[Space, Room]:
    make_people()
    User.objects.bulk_create(
        [User(pk=pk, handle=f"c{pk}", email=f"c{pk}@example.org") for pk in ids]
    )
    return store_room(room), room


@pytest.mark.django_db(transaction=True)
def test_it_gives_the_last_seat_to_one_of_many_approvals() -> None:
    filler = tuple(seat(200 + i, Role.SPEAKER, 20 + i) for i in range(7))
    room = stage()
    space, _ = crowd(replace(room, seats=(*room.seats, *filler)), range(200, 216))
    here(space, *range(207, 216))
    for user in range(207, 216):
        service.execute(space.public_id, Actor(user), commands.RequestToSpeak())

    def approve(user: int) -> Any:  # Any: a piece of work.
        return lambda: service.execute(space.public_id, Actor(HOST), commands.ApproveRequest(user))

    results = at_once([approve(user) for user in range(207, 216)])
    assert sorted(results) == ["", *["stage_full"] * 8]
    assert Seat.objects.filter(space=space, role="speaker").count() == 10
    assert Seat.objects.filter(space=space).count() == 13
    _, after = repository.load(space.public_id)
    assert len(after.requests) == 9, "The first in line of the table, and eight of nine."


@pytest.mark.django_db(transaction=True)
def test_it_seats_somebody_once_however_often_they_press() -> None:
    make_people()
    space = store_room(replace(stage(), requests=(), speak_rule=type(stage().speak_rule).EVERYONE))
    here(space, LISTENER)
    press = partial(service.execute, space.public_id, Actor(LISTENER), commands.RequestToSpeak())
    assert sorted(at_once([press] * 4)) == ["", *["already_on_stage"] * 3]


@pytest.mark.django_db(transaction=True)
def test_it_starts_one_of_two_spaces_started_at_once() -> None:
    alice = person("alice")
    first = green_space(alice)
    Space.objects.filter(pk=first.pk).update(scheduled_for="2000-01-01T00:00Z")
    second = green_space(alice)
    results = at_once(
        [lambda: scheduling.start(first, alice), lambda: scheduling.start(second, alice)]
    )
    assert sorted(results) == ["", "already_live"]


@pytest.mark.django_db(transaction=True)
def test_it_numbers_concurrent_changes_without_a_gap() -> None:
    make_people()
    space = store_room(stage())
    works = [
        lambda: service.execute(space.public_id, Actor(HOST), commands.UpdateRoom(title="one")),
        lambda: service.execute(space.public_id, Actor(COHOST), commands.SetSpotlight(SPEAKER)),
        lambda: service.execute(space.public_id, Actor(SPEAKER), commands.SetMicrophone(True)),
        lambda: service.execute(space.public_id, Actor(LISTENER2), commands.CancelRequest()),
    ]
    before = Space.objects.get(pk=space.pk).rev
    assert at_once(works) == [""] * 4
    assert Space.objects.get(pk=space.pk).rev == before + 4


@pytest.mark.django_db
def test_it_counts_who_came_and_who_spoke() -> None:
    alice, bob, carol = people("alice", "bob", "carol")
    space = live_space(alice, speak_rule="everyone")
    for user in (bob, carol):
        service.join(space.public_id, Actor(user.pk), "")
    here(space, bob.pk)
    service.execute(space.public_id, Actor(bob.pk), commands.RequestToSpeak())
    redis_clients.blocking().sadd(presence_store.visitors_key(space.public_id), "v1", "v2")
    ended = scheduling.end(space, alice)
    assert (ended.listened, ended.spoke) == (5, 2)
    assert Attendance.objects.filter(space=space).count() == 3


@pytest.mark.django_db
def test_it_takes_no_lock_for_a_listener_who_joins(monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    monkeypatch.setattr(
        service, "execute", lambda *args: pytest.fail("A listener changes nothing.")
    )
    room = service.join(space.public_id, Actor(bob.pk), "page")
    assert room.seats[0].presence is Presence.HERE
