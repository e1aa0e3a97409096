"""Events as JSON text, each encoded once for all who get it, and who gets which."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from accounts.realtime.wire import encode as to_text
from spaces.rooms import events, messages, snapshot
from spaces.rooms.actor import Actor
from spaces.rooms.messages import RoomMessage
from spaces.rooms.shapes import PersonView, PinView
from spaces.rooms.state import EndReason, Role, Room


class PinForSome(Struct, frozen=True):
    """A pin, and the accounts that may not see it."""

    pin: PinView
    hidden_from: list[int]


class Change(Struct, frozen=True, tag="room.change"):
    """One change as it goes through the channel layer to every process, and from there to each
    socket its part.

    `everyone` texts go to all but those in `hidden` (index of the text -> account ids); `hosts` to
    host and co-hosts; `one` to single accounts, `staff` instead of it to those whose log-in has
    the powers of staff; of `pins`, where it is not None, each gets those
    they may see. `stage` is who is on stage after the change, `people` whose looks are other ones.
    Who gets no text that carries `rev` gets a bare `rev`, so that a gap a client sees is a real
    one.
    """

    # Keys of mappings are text, because msgpack takes no others on the way through the layer.
    space: str
    rev: int
    everyone: list[str]
    hosts: list[str]
    one: Mapping[str, list[str]]
    hidden: Mapping[str, list[int]]
    stage: Mapping[str, str]
    phase: str
    removed: list[int]
    is_over: bool
    is_stored: bool
    # With defaults: of two releases side by side one does not say these.
    pins: list[PinForSome] | None = None
    people: list[PersonView] = []
    staff: Mapping[str, list[str]] = {}
    recording: bool = False

    @property
    def is_bare(self) -> bool:
        """True if it says nothing but how far the room is (`service.refresh_policy`)."""
        parts = (self.is_stored, self.everyone, self.hosts, self.one, self.removed)
        return self.pins is None and not any(parts)

    @property
    def special(self) -> set[str]:
        """Return the accounts that may get other texts than everyone."""
        hidden = [*self.hidden.values(), *(one.hidden_from for one in self.pins or ())]
        return {*self.one, *self.stage, *(str(user) for users in hidden for user in users)}

    def texts_for(self, user: int | None, *, as_staff: bool = False) -> list[str]:
        """Return the messages for one viewer, in order; `as_staff` with the powers of staff."""
        texts = [
            text
            for index, text in enumerate(self.everyone)
            if user not in self.hidden.get(str(index), ())
        ]
        if self.pins is not None:
            shown = tuple(one.pin for one in self.pins if user not in one.hidden_from)
            texts.append(to_text(messages.PinsChangedMessage(self.rev, shown)))
        # By the stage after the change, which is in it: who was just moved down gets nothing of the
        # change that moved them (config/decisions/0008-one-message-a-change.md).
        if user is not None and self.stage.get(str(user)) in (Role.HOST, Role.COHOST):
            texts += self.hosts
        if user is not None:
            own = self.one.get(str(user), [])
            texts += self.staff.get(str(user), own) if as_staff else own
        if not texts and self.is_stored:
            return [to_text(messages.RevMessage(self.rev))]
        return texts


class ReactionsShared(Struct, frozen=True, tag="room.reactions"):
    """One process's batch of reactions on its way to all processes of the room."""

    items: tuple[messages.ReactionItem, ...]


def encode(room: Room, told: Iterable[events.Event], *, is_stored: bool) -> Change:
    """Return the change for `told`, which came with `room`.

    `is_stored` is true if `rev` grew: then every socket hears of it, one that gets no event by a
    bare `rev`.
    """
    everyone: list[str] = []
    hosts: list[str] = []
    one: dict[str, list[str]] = {}
    staff: dict[str, list[str]] = {}
    hidden: dict[str, list[int]] = {}
    removed: list[int] = []
    pins: list[PinForSome] | None = None
    changed: list[PersonView] = []
    for event in told:
        if isinstance(event, events.PinsChanged):
            pins = [
                PinForSome(snapshot.pin(room, pin), sorted(pin.post.hidden_from))
                for pin in room.pins
            ]
            continue
        text = to_text(message(room, event))
        match event:
            case events.ToOne():
                one.setdefault(str(event.to), []).append(text)
                moderator = Actor(event.to, is_staff=True).as_of(room)
                if moderator.is_staff:
                    told_staff = to_text(_for_one(room, event, moderator))
                    staff.setdefault(str(event.to), []).append(told_staff)
            case events.ToHosts():
                hosts.append(text)
            case _:
                everyone.append(text)
        if isinstance(event, events.PinAdded):
            pin = next(pin for pin in room.pins if pin.post.id == event.post)
            # Those across a block with the author get the bare `rev` instead (RULES §8).
            hidden[str(len(everyone) - 1)] = sorted(pin.post.hidden_from)
        if isinstance(event, events.PersonChanged):
            changed.append(snapshot.person_in(room, event.user))
            hidden[str(len(everyone) - 1)] = sorted(_known_by_pins_alone(room, event.user))
        if isinstance(event, events.Removed):
            # Told to the sockets beside the text: they cut the media and close.
            removed.append(event.to)
    return Change(
        space=room.id,
        rev=room.rev,
        everyone=everyone,
        hosts=hosts,
        one=one,
        hidden=hidden,
        stage={str(seat.user): seat.role.value for seat in room.seats},
        phase=room.phase.value,
        removed=removed,
        is_over=room.is_over,
        is_stored=is_stored,
        pins=pins,
        people=changed,
        staff=staff,
        recording=room.recording and not room.is_over,
    )


def _known_by_pins_alone(room: Room, user: int) -> set[int]:
    """Return who knows nothing of `user`: across a block, where only posts of theirs are here."""
    person = room.people.get(user)
    if user == room.host or (person is not None and person.came_before):
        return set()
    return {other for pin in room.pins if pin.post.author == user for other in pin.post.hidden_from}


def message(room: Room, event: events.Event) -> RoomMessage:
    """Return what the wire says for an event that came with `room`."""
    match event:
        case events.ToOne():
            return _for_one(room, event, Actor(event.to))
        case events.SpaceChanged():
            return messages.SpaceChangedMessage(room.rev, snapshot.space(room))
        case events.HostChanged():
            host = snapshot.person_in(room, room.host)
            return messages.HostChangedMessage(room.rev, host, room.acting_host)
        case events.HostLost(until=until):
            return messages.HostLostMessage(room.rev, until)
        case events.SpaceEnded():
            # Staff who ended it stay unnamed (RULES §3), and the clock has no name.
            is_named = room.end_reason in (EndReason.HOST, EndReason.CANCELLED)
            by = room.ended_by if is_named else None
            return messages.SpaceEndedMessage(
                rev=room.rev,
                by=None if by is None else snapshot.person_in(room, by),
                reason=room.end_reason,
                listened=room.listened,
                spoke=room.spoke,
            )
        case events.SeatChanged(user=user):
            seat = room.seat_of(user)
            if seat is not None:
                return messages.SeatChangedMessage(room.rev, snapshot.seat(room, seat))
            return messages.SeatRemovedMessage(room.rev, user)
        case events.SeatRemoved(user=user):
            return messages.SeatRemovedMessage(room.rev, user)
        case events.PinAdded(post=post):
            pin = next(pin for pin in room.pins if pin.post.id == post)
            return messages.PinAddedMessage(room.rev, snapshot.pin(room, pin))
        case events.PinRemoved(pin=pin_id):
            return messages.PinRemovedMessage(room.rev, pin_id)
        case events.PersonChanged(user=user):
            return messages.PersonChangedMessage(room.rev, snapshot.person_in(room, user))
        case events.RequestAdded(user=user):
            request = room.request_of(user)
            if request is not None:
                return messages.RequestAddedMessage(room.rev, snapshot.request(room, request))
            return messages.RequestRemovedMessage(room.rev, user)
        case events.RequestRemoved(user=user):
            return messages.RequestRemovedMessage(room.rev, user)
    raise TypeError(f"No wire form for {event!r}")


def _for_one(room: Room, event: events.ToOne, viewer: Actor) -> RoomMessage:
    match event:
        case events.MeChanged():
            return messages.MeChangedMessage(room.rev, snapshot.me(room, viewer))
        # Two events, one message: who sees the queue no more is sent an empty one.
        case events.RequestsShown() | events.RequestsHidden():
            requests = snapshot.requests_for(room, viewer)
            return messages.RequestsChangedMessage(room.rev, requests)
        case events.InvitationReceived():
            by = snapshot.person_in(room, event.by)
            return messages.InvitationReceivedMessage(event.role, by, event.expires_at)
        case events.HostOffered():
            by = snapshot.person_in(room, event.by)
            return messages.HostOfferedMessage(by, event.expires_at)
        case events.ConsentNeeded():
            return messages.ConsentNeededMessage(event.expires_at)
        case events.UnmuteAsked():
            return messages.UnmuteAskedMessage(snapshot.person_in(room, event.by))
        case events.Removed():
            return messages.RemovedMessage()
    raise TypeError(f"No wire form for {event!r}")
