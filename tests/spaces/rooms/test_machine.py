"""Random people do random things at random times; the room keeps its promises after every step."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.realtime.wire import encode as to_text
from config.limits import Limits
from spaces.rooms import commands, encoding, rules, snapshot
from spaces.rooms.actor import SYSTEM, Actor
from spaces.rooms.commands import RoomCommand
from spaces.rooms.error_texts import TEXTS
from spaces.rooms.errors import RoomError
from spaces.rooms.outside import LoseLogin, Refresh
from spaces.rooms.relay_policy import policy_of
from spaces.rooms.rules.recording import consented
from spaces.rooms.state import Phase, Pin, PinnedPost, Presence, Role, Room, Source, SpeakRule
from tests.spaces.rooms.fold import fold
from tests.spaces.rooms.world import NOW, know, live_room, person

# Small, so that stages fill and run over often.
LIMITS = Limits(stage_seats=6, cohosts=2, requests_in_line=4, pins=2)
PEOPLE = list(range(1, 11))
# Changes after which a room may be ended by hand: an earlier end would only make runs short.
LATE = 25
USERS = st.sampled_from(PEOPLE)
VIEWERS = (None, 1, 2, 3, 5, 10)  # A visitor, the first host, people who rise and fall, staff.
POSTS = [
    PinnedPost(5, "/p/5/", 2, "five", frozenset({3})),
    PinnedPost(6, "/p/6/", 4, "six"),
    PinnedPost(7, "", 1, ""),
]

SIMPLE: list[RoomCommand] = [
    commands.RequestToSpeak("may I"),
    commands.CancelRequest(),
    commands.LeaveSeat(),
    commands.LeaveRoom(),
    commands.AcceptInvitation(),
    commands.DeclineInvitation(),
    commands.AcceptHost(),
    commands.DeclineHost(),
    commands.MuteAll(),
    commands.StartRecording(),
    commands.StopRecording(),
    commands.GiveConsent(),
    commands.DeclineConsent(),
    commands.RequestToSpeak("may I", consent=True),
    commands.AcceptInvitation(consent=True),
]
AIMED: list[type[commands.Aimed]] = [
    commands.ApproveRequest,
    commands.DeclineRequest,
    commands.MoveDown,
    commands.MuteSeat,
    commands.AskToUnmute,
    commands.TurnCameraOff,
    commands.Unban,
    commands.HandOver,
    commands.RemoveCohost,
]


class RoomMachine(RuleBasedStateMachine):
    """The room as the server keeps it, and beside it what each kind of viewer has pieced together
    from messages.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.here: set[int] = set(PEOPLE)
        self.seen = dict.fromkeys(PEOPLE, NOW)
        self.told_open: set[tuple[int, str]] = set()
        people = {
            user: person(user, is_staff=user == 10, followed_by_host=user % 2 == 0)
            for user in PEOPLE
        }
        room = live_room(cohosts=0, speakers=0, people=people, phase=Phase.GREEN, started_at=None)
        self.room: Room = replace(room, created_at=NOW)
        self.viewers: dict[int | None, dict[str, Any]] = {}  # Any: snapshots as the wire has them.

    @initialize(rule_=st.sampled_from(SpeakRule))
    def begin(self, rule_: SpeakRule) -> None:
        self.room = replace(self.room, speak_rule=rule_)
        self.viewers = {user: self._fresh(user) for user in VIEWERS}
        self._do(1, commands.StartSpace())

    # --- what people do ---------------------------------------------------------------------------

    @rule(user=USERS, command=st.sampled_from(SIMPLE))
    def does_something(self, user: int, command: RoomCommand) -> None:
        self._do(user, command)

    @rule(user=USERS, whom=USERS, make=st.sampled_from(AIMED))
    def does_something_to_somebody(self, user: int, whom: int, make: type[commands.Aimed]) -> None:
        self._do(user, make(whom))

    @rule(whom=USERS, make=st.sampled_from(AIMED))
    def does_it_as_host(self, whom: int, make: type[commands.Aimed]) -> None:
        self._do(self.room.host, make(whom))

    @rule(whom=USERS, role=st.sampled_from([Role.SPEAKER, Role.COHOST]), is_accepted=st.booleans())
    def is_invited(self, whom: int, role: Role, is_accepted: bool) -> None:
        self._do(self.room.host, commands.Invite(whom, role))
        if is_accepted:
            self._do(whom, commands.AcceptInvitation())

    @rule(user=USERS, kind=st.sampled_from(["mic", "camera", "screen"]), on=st.booleans())
    def publishes(self, user: int, kind: str, on: bool) -> None:
        make = {
            "mic": commands.SetMicrophone,
            "camera": commands.SetCamera,
            "screen": commands.SetScreen,
        }[kind]
        self._do(user, make(on))

    @rule(user=USERS, sources=st.lists(st.sampled_from(Source), max_size=3))
    def is_interrupted(self, user: int, sources: list[Source]) -> None:
        self._do(user, commands.ReportInterruptions(tuple(sources)))

    @rule(user=USERS, on=st.booleans(), what=st.sampled_from(["locked", "video", "requests_open"]))
    def changes_settings(self, user: int, on: bool, what: str) -> None:
        change: dict[str, Any] = {what: on}  # Any: one of three fields by its name.
        self._do(user, commands.UpdateRoom(**change))

    @rule(user=USERS, rule_=st.sampled_from(SpeakRule))
    def changes_who_may_speak(self, user: int, rule_: SpeakRule) -> None:
        self._do(user, commands.UpdateRoom(speak_rule=rule_))

    @rule(user=USERS, post=st.sampled_from(POSTS))
    def pins(self, user: int, post: PinnedPost) -> None:
        self._do(user, commands.PinPost(post))

    @rule(user=USERS, pin=st.sampled_from([5, 6, 7]))
    def unpins(self, user: int, pin: int) -> None:
        self._do(user, commands.RemovePin(pin))

    @rule(user=USERS, whom=st.one_of(st.none(), USERS))
    def spotlights(self, user: int, whom: int | None) -> None:
        self._do(user, commands.SetSpotlight(whom))

    @rule(user=USERS, on=st.booleans())
    def locks_microphones(self, user: int, on: bool) -> None:
        self._do(user, commands.LockMicrophones(on))

    @rule(user=USERS, whom=st.integers(2, 4))
    def removes(self, user: int, whom: int) -> None:
        self._do(user, commands.Remove(whom))

    @rule(make=st.sampled_from([commands.MoveDown, commands.Remove]))
    def staff_take_the_host_off_the_stage(self, make: type[commands.Aimed]) -> None:
        self._do(10, make(self.room.host))

    @precondition(lambda self: self.room.rev > LATE)
    @rule(user=USERS)
    def ends(self, user: int) -> None:
        self._do(user, commands.EndSpace())

    @rule(whom=st.integers(5, 6))
    def is_put_out(self, whom: int) -> None:
        self._do(None, commands.Expel(whom), SYSTEM)

    # --- outside of the room ----------------------------------------------------------------------

    @rule(user=USERS, name=st.sampled_from(["Ayu", "Budi"]))
    def is_renamed(self, user: int, name: str) -> None:
        self.room = know(self.room, user, name=name, handle=name.lower(), avatar=f"/a/{name}.png")
        self._do(None, Refresh(frozenset({user})), SYSTEM)

    @rule(post=st.sampled_from(POSTS), seen=st.sampled_from(["gone", "edited", "blocked"]))
    def post_is_changed(self, post: PinnedPost, seen: str) -> None:
        """A post is deleted, edited or hidden from somebody, whether it is pinned or not."""
        if self.room.is_over:
            return
        other = replace(post, text="other words") if seen == "edited" else post
        other = replace(other, hidden_from=frozenset({2, 5})) if seen == "blocked" else other
        pins = (
            replace(pin, post=other) if pin.post.id == post.id else pin for pin in self.room.pins
        )
        kept = (pin for pin in pins if seen != "gone" or pin.post.id != post.id)
        self.room = replace(self.room, pins=tuple(kept))
        self._do(None, Refresh(pins=True), SYSTEM)

    @rule(user=USERS, page=st.sampled_from(["", "a"]))
    def is_logged_out(self, user: int, page: str) -> None:
        self.here.discard(user)
        self.seen.pop(user, None)  # The socket takes its last ping back.
        self._do(None, LoseLogin(user, page), SYSTEM)

    # --- connections and time ---------------------------------------------------------------------

    @rule(user=USERS)
    def drops(self, user: int) -> None:
        self.here.discard(user)

    @precondition(lambda self: self.room.host in self.here)
    @rule()
    def loses_the_host(self) -> None:
        self.here.discard(self.room.host)

    @rule(user=USERS, page=st.sampled_from(["", "a", "b"]))
    def comes_back(self, user: int, page: str) -> None:
        self.here.add(user)
        self.seen[user] = self.now
        self._do(user, commands.Join(page))
        if user in VIEWERS and user not in self.room.bans:
            self.viewers.setdefault(user, self._fresh(user))

    @rule(seconds=st.sampled_from([1, 3, 6, 12, 20, 61, 125]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        for user in self.here:
            self.seen[user] = self.now
        self._do(None, commands.Tick(dict(self.seen), NOW - timedelta(days=1)), SYSTEM)

    # --- promises ---------------------------------------------------------------------------------

    @invariant()
    def it_never_has_two_hosts_or_too_many_seats(self) -> None:
        if self.room.is_over:
            assert not self.room.seats
            return
        hosts = self.room.seats_as(Role.HOST)
        assert len(hosts) <= 1 and all(seat.user == self.room.host for seat in hosts)
        assert len(self.room.seats) <= LIMITS.stage_seats
        assert len(self.room.seats_as(Role.COHOST)) <= LIMITS.cohosts
        assert len(self.room.seats_as(Role.SPEAKER)) <= LIMITS.speakers
        assert len({seat.user for seat in self.room.seats}) == len(self.room.seats)

    @invariant()
    def it_is_never_live_without_somebody_in_charge(self) -> None:
        room = self.room
        if room.phase is not Phase.LIVE:
            return
        # None: staff took the host off the stage.
        host = next(iter(room.seats_as(Role.HOST)), None)
        stands_in = room.seat_of(room.acting_host)
        if host and host.is_connected:
            assert room.acting_host is None and room.host_lost_until is None
        elif stands_in:
            assert (
                stands_in.is_connected
                and stands_in.role is Role.COHOST
                and room.host_lost_until is None
            )
        else:
            assert room.host_lost_until is not None

    @invariant()
    def nobody_publishes_without_a_connected_seat(self) -> None:
        seated = {str(seat.user) for seat in self.room.seats}
        connected = {
            str(seat.user) for seat in self.room.seats if seat.presence is not Presence.LOST
        }
        for user, sources in policy_of(self.room).publishers.items():
            assert user in seated
            assert user in connected or not (sources.microphone or sources.camera or sources.screen)
        assert sum(seat.screen for seat in self.room.seats) <= 1

    @rule()
    def records(self) -> None:
        self._do(self.room.host, commands.StartRecording())

    @invariant()
    def nobody_is_recorded_unasked(self) -> None:
        seated = {seat.user for seat in self.room.seats}
        assert set(consented(self.room)) <= seated
        if not self.room.recording:
            assert not self.room.consents
            return
        assert seated <= set(self.room.consents), (
            "Each one on stage has a word on it, or an open question."
        )
        deadline = self.now + timedelta(seconds=LIMITS.consent_s)
        open_until = [
            one.expires_at for one in self.room.consents.values() if one.expires_at is not None
        ]
        assert all(until <= deadline for until in open_until)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        on_stage = {seat.user for seat in self.room.seats}
        in_line = [request.user for request in self.room.requests]
        assert not on_stage & set(in_line) and len(in_line) == len(set(in_line))
        assert not (on_stage | set(in_line)) & set(self.room.bans)

    @invariant()
    def everybody_who_follows_the_messages_knows_the_room(self) -> None:
        if self.room.is_over:
            return
        for user, known in self.viewers.items():
            assert known == self._fresh(user), user

    # ----------------------------------------------------------------------------------------------

    def _do(self, user: int | None, command: RoomCommand, actor: Actor | None = None) -> None:
        before = self.room
        people = {
            each: replace(known, is_here=each in self.here) for each, known in before.people.items()
        }
        actor = actor or Actor(user, is_staff=user == 10)
        try:
            after, told = rules.apply(
                replace(before, people=people), actor, command, self.now, LIMITS
            )
        except RoomError as error:
            assert error.code in TEXTS
            return
        numbered = tuple(
            pin if pin.id else Pin(pin.post, pin.by, pin.post.id) for pin in after.pins
        )
        self.room = replace(after, pins=numbered, people=before.people)
        self._check_nothing_was_opened(before, user)
        self._tell(before, told)

    def _check_nothing_was_opened(self, before: Room, user: int | None) -> None:
        """Nobody but the person alone ever opens a microphone, a camera or a screen."""
        for seat in self.room.seats:
            old = before.seat_of(seat.user)
            for kind in ("microphone", "camera", "screen"):
                was = old is not None and getattr(old, kind)
                assert was or not getattr(seat, kind) or seat.user == user

    def _tell(self, before: Room, told: Any) -> None:  # Any: the rules' events.
        assert (
            self.room.rev == before.rev + (1 if _is_visible(before, self.room) else 0)
            or self.room.is_over
        )
        change = encoding.encode(self.room, told, is_stored=self.room.rev != before.rev)
        for user in list(self.viewers):
            texts = change.texts_for(user, as_staff=user == 10)
            self._check_the_line_is_private(user, texts)
            self.viewers[user] = fold(self.viewers[user], texts)
        for user in change.removed:
            # Their sockets are closed; they know nothing until they are let in again.
            self.viewers.pop(user, None)

    def _check_the_line_is_private(self, user: int | None, texts: list[str]) -> None:
        """Who waits and why is for host and co-hosts alone; others are not sent it, rather than not
        shown it.
        """
        seat = self.room.seat_of(user)
        if seat and seat.role in (Role.HOST, Role.COHOST):
            return
        for message in map(json.loads, texts):
            assert message["type"] not in ("request.added", "request.removed")
            assert not message.get("requests")

    def _fresh(self, user: int | None) -> dict[str, Any]:  # Any: a snapshot as the wire has it.
        fresh = snapshot.snapshot(
            self.room, Actor(user, is_staff=user == 10), snapshot.RoomMoment(now_ms=0)
        )
        return dict(json.loads(to_text(fresh)))


def _is_visible(before: Room, after: Room) -> bool:
    """True if any viewer's snapshot differs, `rev` aside.

    Of somebody we do not watch the rules' word is taken.
    """
    if after.rev != before.rev:
        return True
    viewers = [Actor(user, is_staff=user == 10) for user in VIEWERS]
    same = replace(after, rev=before.rev)
    return any(
        snapshot.snapshot(before, who, snapshot.RoomMoment(now_ms=0))
        != snapshot.snapshot(same, who, snapshot.RoomMoment(now_ms=0))
        for who in viewers
    )


RoomMachine.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestRoom = RoomMachine.TestCase
