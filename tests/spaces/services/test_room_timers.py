"""The clock of the rooms, on real rows and a real Redis."""

import time
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.utils import timezone

from config import redis_clients
from media_relay.protocol.relay import policy_key
from spaces import tasks
from spaces.models import AuditEntry, Invitation, Seat, Space
from spaces.rooms import commands, service
from spaces.rooms.actor import Actor
from spaces.rooms.state import Role
from spaces.services import presence_store, room_timers, scheduling
from tests.spaces.town import green_space, live_space, people, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _redis_is_old(monkeypatch: pytest.MonkeyPatch, own_redis: redis.Redis) -> None:
    """Valkey has been up for an hour and a web process listens, as in the product.

    The Valkey of the tests started a moment ago.
    """
    monkeypatch.setattr(presence_store, "redis_since", lambda: time.time() - 3600)
    own_redis.hset(
        presence_store.HEARTBEAT_KEY, mapping={"last": time.time(), "since": time.time() - 3600}
    )


def heard(space: Space, *users: int, ago_s: float = 0) -> None:
    redis_clients.blocking().zadd(
        presence_store.key(space.public_id), {str(user): time.time() - ago_s for user in users}
    )


def silent(space: Space, ago_s: float) -> None:
    """Let all rows be older than their last pings."""
    Seat.objects.filter(space=space).update(seen_at=timezone.now() - timedelta(seconds=ago_s + 60))


# Any: pytest-django's.
def test_it_asks_once_when_there_is_no_room(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert room_timers.sweep() == 0


# Any: pytest-django's.
def test_it_writes_nothing_for_a_quiet_room(django_assert_max_num_queries: Any) -> None:
    alice = person("alice")
    space = live_space(alice)
    heard(space, alice.pk)
    rev = Space.objects.get().rev
    with django_assert_max_num_queries(20):
        assert room_timers.sweep() == 0
    assert Space.objects.get().rev == rev


def test_it_counts_down_ends_and_says_so() -> None:
    alice = person("alice")
    space = live_space(alice)
    silent(space, 20)
    heard(space, alice.pk, ago_s=16)
    assert room_timers.sweep() == 1
    lost = Space.objects.get()
    assert lost.host_lost_until and Seat.objects.get().presence == "lost"
    assert not Space.objects.listed().exists(), "No list shows a room without anybody in charge."
    Space.objects.update(host_lost_until=timezone.now())
    room_timers.sweep()
    assert (Space.objects.get().state, Space.objects.get().end_reason) == ("ended", "host_lost")
    assert AuditEntry.objects.filter(action="space.end", actor_role="system").exists()


def test_it_waits_while_no_web_process_hears_anybody(own_redis: redis.Redis) -> None:
    alice = person("alice")
    space = live_space(alice)
    silent(space, 30)
    own_redis.hset(
        presence_store.HEARTBEAT_KEY, mapping={"last": time.time() - 20, "since": time.time() - 900}
    )
    assert room_timers.sweep() == 0
    assert Seat.objects.get().presence == "here"
    own_redis.hset(
        presence_store.HEARTBEAT_KEY, mapping={"last": time.time(), "since": time.time() - 16}
    )
    assert room_timers.sweep() == 1, "They had time to come back and did not."
    assert Seat.objects.get().presence == "lost"


def test_it_lets_a_cohost_stand_in_and_the_host_return() -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    heard(space, bob.pk)
    service.execute(space.public_id, Actor(alice.pk), commands.Invite(bob.pk, Role.COHOST))
    service.execute(space.public_id, Actor(bob.pk), commands.AcceptInvitation())
    silent(space, 20)
    heard(space, bob.pk)
    heard(space, alice.pk, ago_s=16)
    room_timers.sweep()
    assert Space.objects.get().acting_host == bob
    heard(space, alice.pk)
    room_timers.sweep()
    assert Space.objects.get().acting_host is None


def test_it_believes_in_nobodys_absence_after_a_restart_of_redis(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(presence_store, "redis_since", lambda: time.time() - 5)
    space = live_space(person("alice"))
    silent(space, 3600)
    assert room_timers.sweep() == 0
    assert Seat.objects.get().presence == "here"


def test_it_does_nothing_while_redis_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> float:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(presence_store, "redis_since", refuse)
    space = live_space(person("alice"))
    silent(space, 3600)
    assert room_timers.sweep() == 0


def test_it_lets_invitations_run_out() -> None:
    alice, bob = people("alice", "bob")
    space = live_space(alice)
    heard(space, alice.pk, bob.pk)
    service.execute(space.public_id, Actor(alice.pk), commands.Invite(bob.pk, Role.SPEAKER))
    room_timers.sweep()
    assert Invitation.objects.exists()
    Invitation.objects.update(expires_at=timezone.now())
    room_timers.sweep()
    assert not Invitation.objects.exists()


def test_it_cancels_what_nobody_started() -> None:
    alice = person("alice")
    later = timezone.now() + timedelta(hours=1)
    space = scheduling.schedule(alice, scheduling.SpaceDraft("Later"), later)
    room_timers.sweep()
    Space.objects.filter(pk=space.pk).update(scheduled_for=timezone.now() - timedelta(hours=2))
    room_timers.sweep()
    assert Space.objects.get().state == "cancelled"


def test_it_cancels_a_green_room_left_for_hours() -> None:
    space = green_space(person("alice"))
    silent(space, 20)
    room_timers.sweep()
    assert Space.objects.get().state == "green"
    Seat.objects.update(lost_at=timezone.now() - timedelta(hours=2))
    room_timers.sweep()
    assert Space.objects.get().state == "cancelled"


def test_it_ends_after_twelve_hours() -> None:
    alice = person("alice")
    space = live_space(alice)
    heard(space, alice.pk)
    Space.objects.update(started_at=timezone.now() - timedelta(hours=12))
    room_timers.sweep()
    assert Space.objects.get().end_reason == "too_long"


def test_it_renews_policies_of_rooms_with_a_stage() -> None:
    alice, bob = people("alice", "bob")
    space, green = live_space(alice), green_space(bob)
    redis_clients.blocking().flushdb()
    assert tasks.refresh_policies() == 2
    for room in (space, green):
        assert 100 < redis_clients.blocking().ttl(policy_key(room.public_id)) <= 120


def test_it_is_safe_to_sweep_twice_at_once() -> None:
    space = live_space(person("alice"))
    silent(space, 20)
    heard(space, space.host_id, ago_s=16)
    assert (tasks.sweep_rooms(), tasks.sweep_rooms()) == (1, 0)
