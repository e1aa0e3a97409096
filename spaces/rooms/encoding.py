"""Events as JSON text, each encoded once for all who get it, and who gets which."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from spaces.rooms import events, snapshot
from spaces.rooms.commands import Actor
from spaces.rooms.snapshot import Json
from spaces.rooms.state import EndReason, Role, Room


@dataclass(frozen=True)
class Change:
    """One change as it goes through the channel layer to every process, and from there to each
    socket its part.

    `everyone` texts go to all but those in `hidden` (index of the text -> account ids); `hosts` to
    host and co-hosts; `one` to single accounts. `stage` is who is on stage after the change. Who
    gets no text that carries `rev` gets a bare `rev`, so that a gap a client sees is a real one.
    """

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

    def texts_for(self, user: int | None) -> list[str]:
        """Return the messages for one viewer, in order."""
        texts = [
            text for i, text in enumerate(self.everyone) if user not in self.hidden.get(str(i), ())
        ]
        if user is not None and self.stage.get(str(user)) in (Role.HOST, Role.COHOST):
            texts += self.hosts
        if user is not None:
            texts += self.one.get(str(user), [])
        return texts or ([rev_text(self.rev)] if self.is_stored else [])


def encode(room: Room, told: Iterable[events.Event], *, is_stored: bool) -> Change:
    """Return the change for `told`, which came with `room`.

    `is_stored` is true if `rev` grew: then everybody hears of it, who gets no event by a bare
    `rev`.
    """
    everyone: list[str] = []
    hosts: list[str] = []
    one: dict[str, list[str]] = {}
    hidden: dict[str, list[int]] = {}
    removed: list[int] = []
    for event in told:
        text = dump(message(room, event))
        if isinstance(event, events.PinAdded):
            hidden[str(len(everyone))] = _hidden_from(room, event)
        if isinstance(event, events.Removed):
            removed.append(event.to)
        match event:
            case events.ToOne():
                one.setdefault(str(event.to), []).append(text)
            case events.ToHosts():
                hosts.append(text)
            case _:
                everyone.append(text)
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
    )


def message(room: Room, event: events.Event) -> Json:
    """Return the event as PROTOCOL.md shows it."""
    with_rev: Json = {"rev": room.rev}
    match event:
        case events.SpaceChanged():
            return {"type": "space.changed", **with_rev, "space": snapshot.space(room)}
        case events.HostChanged():
            host = snapshot.person_in(room, room.host)
            return {
                "type": "host.changed",
                **with_rev,
                "host": host,
                "acting_host": room.acting_host,
            }
        case events.HostLost():
            return {"type": "host.lost", **with_rev, "until": snapshot.time(event.until)}
        case events.SpaceEnded():
            return {"type": "space.ended", **with_rev, **_ending(room)}
        case events.SeatChanged() | events.SeatRemoved():
            return _seat_message(room, event)
        case events.PinAdded() | events.PinRemoved():
            return _pin_message(room, event)
        case events.ToHosts():
            return _request_message(room, event)
        case events.ToOne():
            return _personal_message(room, event)
    raise TypeError(f"No wire form for {event!r}")


def rev_text(rev: int) -> str:
    return dump({"type": "rev", "rev": rev})


def dump(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _seat_message(room: Room, event: events.SeatChanged | events.SeatRemoved) -> Json:
    seat = room.seat_of(event.user)
    if isinstance(event, events.SeatRemoved) or seat is None:
        return {"type": "seat.removed", "rev": room.rev, "user": event.user}
    return {"type": "seat.changed", "rev": room.rev, "seat": snapshot.seat(room, seat)}


def _pin_message(room: Room, event: events.PinAdded | events.PinRemoved) -> Json:
    if isinstance(event, events.PinRemoved):
        return {"type": "pin.removed", "rev": room.rev, "pin": event.pin}
    pin = next(pin for pin in room.pins if pin.post.id == event.post)
    return {"type": "pin.added", "rev": room.rev, "pin": snapshot.pin(room, pin)}


def _hidden_from(room: Room, event: events.PinAdded) -> list[int]:
    return [
        user
        for pin in room.pins
        if pin.post.id == event.post
        for user in sorted(pin.post.hidden_from)
    ]


def _request_message(room: Room, event: events.Event) -> Json:
    if isinstance(event, events.RequestAdded):
        request = room.request_of(event.user)
        if request is not None:
            return {
                "type": "request.added",
                "rev": room.rev,
                "request": snapshot.request(room, request),
            }
    if isinstance(event, events.RequestAdded | events.RequestRemoved):
        return {"type": "request.removed", "rev": room.rev, "user": event.user}
    raise TypeError(f"No wire form for {event!r}")


def _personal_message(room: Room, event: events.ToOne) -> Json:
    match event:
        case events.MeChanged():
            return {
                "type": "me.changed",
                "rev": room.rev,
                "me": snapshot.me(room, _actor(room, event.to)),
            }
        case events.RequestsShown() | events.RequestsHidden():
            requests = snapshot.requests_for(room, _actor(room, event.to))
            return {"type": "requests.changed", "rev": room.rev, "requests": requests}
        case events.InvitationReceived():
            asked = {"role": event.role.value, "by": snapshot.person_in(room, event.by)}
            return {
                "type": "invitation.received",
                **asked,
                "expires_at": snapshot.time(event.expires_at),
            }
        case events.HostOffered():
            by = snapshot.person_in(room, event.by)
            return {"type": "host.offered", "by": by, "expires_at": snapshot.time(event.expires_at)}
        case events.ConsentNeeded():
            return {"type": "consent.needed", "expires_at": snapshot.time(event.expires_at)}
        case events.UnmuteAsked():
            return {"type": "unmute.asked", "by": snapshot.person_in(room, event.by)}
        case events.Removed():
            return {"type": "removed"}
    raise TypeError(f"No wire form for {event!r}")


def _actor(room: Room, user: int) -> Actor:
    someone = room.people.get(user)
    return Actor(user, is_staff=someone is not None and someone.is_staff)


def _ending(room: Room) -> Json:
    """Return how it ended. Moderators stay unnamed."""
    named = room.end_reason in (EndReason.HOST, EndReason.CANCELLED) and room.ended_by is not None
    return {
        "by": snapshot.person_in(room, room.ended_by)
        if named and room.ended_by is not None
        else None,
        "reason": room.end_reason.value if room.end_reason else None,
        "listened": room.listened,
        "spoke": room.spoke,
    }
