"""What people can see of a change: the events between two states of a room."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from spaces.rooms import events
from spaces.rooms.state import Role, Room, Seat

# Fields of the room that its `space` shape shows and that no other event carries.
_SPACE_FIELDS = (
    "phase",
    "title",
    "topics",
    "language",
    "speak_rule",
    "requests_open",
    "video",
    "mics_locked",
    "locked",
    "recording",
    "recording_wanted",
    "spotlight",
    "scheduled_for",
    "started_at",
)


def changes_between(old: Room, new: Room, now: datetime) -> tuple[events.Event, ...]:
    """Return the events that turn what each viewer knew of `old` into what they may know of `new`.

    Empty if nobody can see a difference. In an order in which a client may apply them one by one.
    """
    if new.is_over:
        return (events.SpaceEnded(),) if not old.is_over else ()
    return (
        *_of_space(old, new),
        *_of_seats(old, new),
        *_of_pins(old, new),
        *_of_requests(old, new),
        *_of_people(old, new),
        *_of_invitations(old, new),
        *_of_consents(old, new),
    )


def leads(room: Room, user: int) -> bool:
    """True if `user` sees the line of requests: host and co-hosts."""
    seat = room.seat_of(user)
    return seat is not None and seat.role in (Role.HOST, Role.COHOST)


def _of_space(old: Room, new: Room) -> Iterator[events.Event]:
    if any(getattr(old, name) != getattr(new, name) for name in _SPACE_FIELDS):
        yield events.SpaceChanged()
    if (old.host, old.acting_host) != (new.host, new.acting_host):
        yield events.HostChanged()
    if old.host_lost_until != new.host_lost_until:
        yield events.HostLost(until=new.host_lost_until)


def _shown(seat: Seat | None) -> Seat | None:
    """Leave out of a seat what nobody is shown."""
    if seat is None:
        return None
    return replace(seat, page="", seen_at=datetime.min, role_since=datetime.min, lost_at=None)  # noqa: DTZ901


def _of_seats(old: Room, new: Room) -> Iterator[events.Event]:
    for seat in old.seats:
        if not new.seat_of(seat.user):
            yield events.SeatRemoved(user=seat.user)
    for seat in new.seats:
        if _shown(seat) != _shown(old.seat_of(seat.user)):
            yield events.SeatChanged(user=seat.user)


def _of_pins(old: Room, new: Room) -> Iterator[events.Event]:
    before, after = {pin.post.id for pin in old.pins}, {pin.post.id for pin in new.pins}
    yield from (events.PinRemoved(pin=pin.id) for pin in old.pins if pin.post.id not in after)
    yield from (events.PinAdded(post=pin.post.id) for pin in new.pins if pin.post.id not in before)


def _of_requests(old: Room, new: Room) -> Iterator[events.Event]:
    yield from (
        events.RequestRemoved(user=r.user) for r in old.requests if not new.request_of(r.user)
    )
    yield from (
        events.RequestAdded(user=r.user) for r in new.requests if not old.request_of(r.user)
    )
    people = sorted({seat.user for seat in (*old.seats, *new.seats)})
    for user in people:
        # How people in line stand to the host changes with the host, so all who see the line get it
        # anew.
        if leads(new, user) and (not leads(old, user) or (old.host != new.host and new.requests)):
            yield events.RequestsShown(to=user)
        if leads(old, user) and not leads(new, user):
            yield events.RequestsHidden(to=user)


def _of_people(old: Room, new: Room) -> Iterator[events.Event]:
    """Tell each person what changed about themselves; whoever is removed hears only that."""
    put_out = set(new.bans) - set(old.bans)
    for user in sorted(_known(old) | _known(new)):
        if user not in put_out and _self(old, user) != _self(new, user):
            yield events.MeChanged(to=user)
    yield from (events.Removed(to=user) for user in sorted(put_out))


def _known(room: Room) -> set[int]:
    on_stage = {seat.user for seat in room.seats}
    waiting = {request.user for request in room.requests} | {
        asked.user for asked in room.invitations
    }
    return on_stage | waiting | set(room.waits)


def _self(room: Room, user: int) -> tuple[object, ...]:
    """Return all that `me` shows of somebody and that can change."""
    seat, request, waits = room.seat_of(user), room.request_of(user), room.waits.get(user)
    return (
        seat.role if seat else None,
        room.acting_host == user,
        request.reason if request else None,
        room.place_of(user),
        waits.may_request_at if waits else None,
        room.invitation_of(user),
        room.consents.get(user),
    )


def _of_invitations(old: Room, new: Room) -> Iterator[events.Event]:
    for asked in new.invitations:
        if asked == old.invitation_of(asked.user):
            continue
        if asked.role is Role.HOST:
            yield events.HostOffered(to=asked.user, by=asked.by, expires_at=asked.expires_at)
            continue
        yield events.InvitationReceived(
            to=asked.user, role=asked.role, by=asked.by, expires_at=asked.expires_at
        )


def _of_consents(old: Room, new: Room) -> Iterator[events.Event]:
    """Ask whoever is on stage and has not said yet whether they may be recorded."""
    for user, consent in new.consents.items():
        if consent.expires_at is not None and consent != old.consents.get(user):
            yield events.ConsentNeeded(to=user, expires_at=consent.expires_at)
