"""A room with one free seat and a line of people, and what must hold after all of them were
approved at once.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from django.utils import timezone

from accounts.models import User
from config import redis_clients
from config.limits import LIMITS
from media_relay.protocol import relay
from spaces.models import Attendance, Seat, Space, SpeakRequest
from spaces.relay import client
from spaces.rooms import commands, service
from spaces.rooms.actor import Actor
from spaces.rooms.errors import RoomError
from spaces.services import presence_store, scheduling
from spaces.services.scheduling import SpaceDraft

CONTENDERS = 64
SEATED = "seated"
WATCHER = "relay-watcher"  # Stands where a relay would be and keeps every policy it is sent.

Approval = tuple[str, int, int]  # The Space, who approves, who is to be seated.


def approve(approval: Approval) -> str:
    """Return "seated", or the code of the refusal."""
    space, leader, user = approval
    try:
        service.execute(space, Actor(leader), commands.ApproveRequest(user))
    except RoomError as error:
        return error.code
    return SEATED


@dataclass
class Race:
    """One Space with 12 of 13 seats taken; `line` waits, in order of arrival.

    Rounds come one after the other.
    """

    space: Space
    leaders: list[int]
    line: list[int]
    opened_at: datetime = field(default_factory=timezone.now)

    def approvals(self) -> list[Approval]:
        """Return an approval of everybody in line, by host and co-hosts in turn."""
        by = self.leaders
        return [(self.space.public_id, by[i % len(by)], user) for i, user in enumerate(self.line)]

    def check(self, outcomes: Sequence[str]) -> int:
        """Return the winner.

        Raises AssertionError unless there is exactly one, in the rows and at the relay.
        """
        assert Counter(outcomes) == {SEATED: 1, "stage_full": len(self.line) - 1}, Counter(outcomes)
        winner = self.line[list(outcomes).index(SEATED)]
        seats = set(Seat.objects.filter(space=self.space).values_list("user_id", flat=True))
        assert len(seats) == LIMITS.stage_seats and winner in seats, f"{len(seats)} seats"
        waiting = list(
            SpeakRequest.objects.filter(space=self.space).values_list("user_id", flat=True)
        )
        assert waiting == [user for user in self.line if user != winner], (
            "The others are not in line as before."
        )
        self._check_policies(seats)
        return winner

    def _check_policies(self, seats: set[int]) -> None:
        """Look at each policy that went to the relay since the last round, and at the one kept for
        others.
        """
        link = redis_clients.blocking()
        entries = cast(
            "list[tuple[bytes, dict[bytes, bytes]]]", link.xrange(relay.requests_key(WATCHER))
        )
        sent = [json.loads(fields[b"json"]) for _, fields in entries]
        told = [set(each["policy"]["publishers"]) for each in sent if "policy" in each]
        kept = set(
            json.loads(link.get(relay.policy_key(self.space.public_id)) or "{}")["publishers"]
        )
        assert told, "The relay was told nothing."
        assert max(len(publishers) for publishers in told) <= LIMITS.stage_seats, told
        assert told[-1] == kept == {str(user) for user in seats}
        link.delete(relay.requests_key(WATCHER))

    def put_back(self, winner: int) -> None:
        """Take the winner off the stage by the rules and put them in line where they were."""
        service.execute(self.space.public_id, Actor(self.leaders[0]), commands.MoveDown(winner))
        place = self.line.index(winner)
        SpeakRequest.objects.create(
            space=self.space, user_id=winner, requested_at=self._time_of(place)
        )

    def stand_in_line(self) -> None:
        rows = [
            SpeakRequest(space=self.space, user_id=user, requested_at=self._time_of(place))
            for place, user in enumerate(self.line)
        ]
        SpeakRequest.objects.bulk_create(rows)

    def _time_of(self, place: int) -> datetime:
        return self.opened_at + timedelta(seconds=place)


def prepare(contenders: int = CONTENDERS) -> Race:
    """Make the people and their room: host, co-hosts and all speakers but one on stage,
    `contenders` in line.
    """
    host, *others = _people(LIMITS.stage_seats - 1 + contenders)
    space = scheduling.start(scheduling.open_now(host, SpaceDraft(title="The last seat")), host)
    stage, line = others[: LIMITS.stage_seats - 2], others[LIMITS.stage_seats - 2 :]
    now = timezone.now()
    roles = ["cohost"] * LIMITS.cohosts + ["speaker"] * (LIMITS.speakers - 1)
    seats = [
        Seat(space=space, user=user, role=role, order=place, role_since=now, seen_at=now)
        for place, (user, role) in enumerate(zip(stage, roles, strict=True), 1)
    ]
    Seat.objects.bulk_create(seats)
    Attendance.objects.bulk_create(
        [Attendance(space=space, user=user) for user in others], ignore_conflicts=True
    )
    leaders = [host.pk, *(user.pk for user in stage[: LIMITS.cohosts])]
    race = Race(space, leaders, [user.pk for user in line])
    race.stand_in_line()
    link = redis_clients.blocking()
    link.sadd(client.relays_key(space.public_id), WATCHER)
    link.zadd(relay.NODES_KEY, {WATCHER: 9e9})  # A relay without a heartbeat is told nothing.
    # Here for ever.
    link.zadd(presence_store.key(space.public_id), {str(user.pk): 9e9 for user in (host, *others)})
    return race


def _people(count: int) -> list[User]:
    rows = [
        User(handle=f"racer{number}", email=f"racer{number}@example.org") for number in range(count)
    ]
    for user in rows:
        user.set_unusable_password()
    return list(User.objects.bulk_create(rows))
