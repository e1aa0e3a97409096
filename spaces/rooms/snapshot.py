"""What a viewer may know of a room, in the shapes of PROTOCOL.md."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from config.limits import LIMITS
from media_relay.protocol.relay import Assignment
from spaces.rooms import permissions
from spaces.rooms.actor import VISITOR, Actor
from spaces.rooms.diff import sees_queue
from spaces.rooms.messages import SnapshotMessage
from spaces.rooms.shapes import (
    AssignedView,
    CaptionsView,
    ConsentView,
    InvitationView,
    LimitsView,
    ListenersView,
    MeView,
    OwnRequestView,
    PersonView,
    PinnedPostView,
    PinView,
    Relation,
    SeatView,
    SpaceView,
    SpeakRequestView,
    UnmuteQuestionView,
)
from spaces.rooms.state import (
    Consent,
    Cooldowns,
    Invitation,
    Person,
    Pin,
    Role,
    Room,
    Seat,
    SpeakRequest,
)

ORDER = {Role.HOST: 0, Role.COHOST: 1, Role.SPEAKER: 2}
NOBODY = AssignedView((None, None, None), None, None, None)
NO_CAPTIONS = CaptionsView(available=False, status="off", reason="")


@dataclass(frozen=True)
class RoomMoment:
    """What is known of the moment and stored nowhere: the time, the listeners, relay slots."""

    now_ms: int
    count: int = 0
    sample: tuple[Person, ...] = ()
    assigned: AssignedView = NOBODY
    captions: CaptionsView = NO_CAPTIONS
    recording_trouble: str = ""


def snapshot(room: Room, viewer: Actor, moment: RoomMoment) -> SnapshotMessage:
    return SnapshotMessage(
        now_ms=moment.now_ms,
        rev=room.rev,
        space=space(room),
        me=me(room, viewer),
        stage=tuple(seat(room, each) for each in in_stage_order(room.seats)),
        requests=requests_for(room, viewer),
        listeners=listeners(moment.count, moment.sample),
        assigned=moment.assigned,
        pins=tuple(pin(room, each) for each in room.pins if may_see_pin(each, viewer.id)),
        captions=moment.captions,
        recording_trouble=moment.recording_trouble,
    )


def snapshots(room: Room, moment: RoomMoment) -> Callable[[Actor], SnapshotMessage]:
    """Return a maker of snapshots of one room at one moment.

    What a thousand viewers are shown alike is made once for all of them.
    """
    shared = snapshot(room, VISITOR, moment)

    def for_viewer(viewer: Actor) -> SnapshotMessage:
        if viewer.id is None:
            return shared
        # A visitor is shown all pins, in their order.
        pins = zip(shared.pins, room.pins, strict=True)
        return replace(
            shared,
            me=me(room, viewer),
            requests=requests_for(room, viewer),
            pins=tuple(view for view, each in pins if may_see_pin(each, viewer.id)),
        )

    return for_viewer


def in_stage_order(seats: Sequence[Seat]) -> list[Seat]:
    """Return host, co-hosts, speakers, each by arrival (RULES §5)."""
    # Nothing of it depends on who talks: tiles must never jump.
    return sorted(seats, key=lambda each: (ORDER[each.role], each.order))


def space(room: Room) -> SpaceView:
    return SpaceView(
        id=room.id,
        title=room.title,
        url=room.url,
        state=room.phase,
        host=person_in(room, room.host),
        acting_host=room.acting_host,
        host_lost_until=room.host_lost_until,
        topics=room.topics,
        language=room.language,
        speak_rule=room.speak_rule,
        requests_open=room.requests_open,
        video=room.video,
        visitors_allowed=room.visitors_allowed,
        mics_locked=room.mics_locked,
        locked=room.locked,
        recording=room.recording,
        recording_wanted=room.recording_wanted,
        spotlight=room.spotlight,
        scheduled_for=room.scheduled_for,
        started_at=room.started_at,
        ended_at=room.ended_at,
        # A site may change them; a page with numbers of its own would then show others.
        limits=LimitsView(
            stage_seats=LIMITS.stage_seats,
            cohosts=LIMITS.cohosts,
            space_title_chars=LIMITS.space_title_chars,
            request_reason_chars=LIMITS.request_reason_chars,
            consent_s=LIMITS.consent_s,
            replay_kept_s=LIMITS.replay_kept_s,
        ),
    )


def me(room: Room, viewer: Actor) -> MeView:
    user = viewer.id
    request = room.request_of(user)
    waits = room.cooldowns.get(user) if user is not None else None
    return MeView(
        user=person_in(room, user) if user is not None else None,
        role=permissions.shown_role(room, viewer),
        request=OwnRequestView(room.place_of(request.user), request.reason) if request else None,
        may_request_at=waits.may_request_at if waits else None,
        invitation=invitation(room, room.invitation_of(user)),
        consent=consent(room.consents.get(user) if user is not None else None),
        unmute=unmute_question(room, room.seat_of(user)),
        can=permissions.can(room, viewer),
    )


def seat(room: Room, each: Seat) -> SeatView:
    return SeatView(
        user=person_in(room, each.user),
        role=each.role,
        mic=each.microphone,
        camera=each.camera,
        screen=each.screen,
        interrupted=each.interruptions,
        muted_by=each.muted_by,
        presence=each.presence,
        order=each.order,
    )


def requests_for(room: Room, viewer: Actor) -> tuple[SpeakRequestView, ...]:
    """Return the queue for host and co-hosts, nothing for others."""
    if viewer.id is None or not sees_queue(room, viewer.id):
        return ()
    return tuple(request(room, each) for each in room.requests)


def request(room: Room, each: SpeakRequest) -> SpeakRequestView:
    # To the host, also where a co-host looks: one text is encoded for all of them.
    person = room.people.get(each.user)
    return SpeakRequestView(
        user=person_in(room, each.user),
        reason=each.reason,
        place=room.place_of(each.user),
        relation=relation(
            follows=person is not None and person.follows_host,
            is_followed=person is not None and person.followed_by_host,
        ),
    )


def relation(*, follows: bool, is_followed: bool) -> Relation:
    """Return how a person stands to another, who is "you" in the word."""
    if follows and is_followed:
        return "mutual"
    if follows:
        return "follows_you"
    return "you_follow" if is_followed else ""


def invitation(room: Room, asked: Invitation | None) -> InvitationView | None:
    if asked is None:
        return None
    return InvitationView(
        role=asked.role, by=person_in(room, asked.by), expires_at=asked.expires_at
    )


def consent(said: Consent | None) -> ConsentView | None:
    """Return a participant's answer on being recorded; None where it was not asked for."""
    return None if said is None else ConsentView(said.is_given, said.expires_at)


def unmute_question(room: Room, each: Seat | None) -> UnmuteQuestionView | None:
    """Return who asks the one in a seat to un-mute, None where nobody does."""
    if each is None or each.asked_by is None:
        return None
    until = room.cooldowns.get(each.user, Cooldowns()).may_be_asked_at
    return None if until is None else UnmuteQuestionView(person_in(room, each.asked_by), until)


def pin(room: Room, each: Pin) -> PinView:
    post = PinnedPostView(
        id=each.post.id,
        url=each.post.url,
        author=person_in(room, each.post.author),
        text=each.post.text,
    )
    return PinView(id=each.id, post=post, by=each.by)


def may_see_pin(each: Pin, user: int | None) -> bool:
    # No block concerns a visitor, and only posts that visitors may see are pinned.
    return user is None or user not in each.post.hidden_from


def listeners(count: int, sample: Sequence[Person]) -> ListenersView:
    return ListenersView(count, tuple(person(each) for each in sample))


def person_in(room: Room, user: int) -> PersonView:
    """Return a person of the room; one whose account is gone has an id and no name."""
    found = room.people.get(user)
    return person(found) if found else PersonView(user, handle="", name="", avatar="", url="")


def person(found: Person) -> PersonView:
    return PersonView(
        id=found.id,
        handle=found.handle,
        name=found.name,
        avatar=found.avatar,
        url=found.url,
    )


def assigned(slots: Assignment) -> AssignedView:
    """Return what the slots carry; for the relay the name of a user is text."""

    def number(user: str | None) -> int | None:
        return None if user is None else int(user)

    return AssignedView(
        audio=tuple(number(user) for user in slots.audio),
        video=number(slots.video),
        screen=number(slots.screen),
        active=number(slots.active),
    )
