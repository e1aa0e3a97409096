"""What viewers can see of a change: the events between two states of a room."""

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
    "visitors_allowed",
    "mics_locked",
    "locked",
    "recording",
    "recording_wanted",
    "spotlight",
    "scheduled_for",
    "started_at",
)

# Stands for any time in a comparison, and for none in a calculation.
NEVER = datetime.min  # noqa: DTZ901


def changes_between(old: Room, new: Room, now: datetime) -> tuple[events.Event, ...]:
    """Return the events that turn what each viewer knew of `old` into what they may know of `new`.

    Empty if no viewer can see a difference. In an order in which a client may apply them in turn.
    """
    # Seats, requests and invitations go with the room: a page shows its end and nothing else.
    if new.is_over:
        return (events.SpaceEnded(),) if not old.is_over else ()
    return tuple(event for part in PARTS for event in part(old, new))


def sees_queue(room: Room, user: int) -> bool:
    """True if `user` sees the queue of requests: host and co-hosts."""
    seat = room.seat_of(user)
    return seat is not None and seat.role in (Role.HOST, Role.COHOST)


def of_space(old: Room, new: Room) -> Iterator[events.Event]:
    if any(getattr(old, name) != getattr(new, name) for name in _SPACE_FIELDS):
        yield events.SpaceChanged()
    if (old.host, old.acting_host) != (new.host, new.acting_host):
        yield events.HostChanged()
    if old.host_lost_until != new.host_lost_until:
        yield events.HostLost(until=new.host_lost_until)


def _shown(seat: Seat | None) -> Seat | None:
    """Return a seat without what no viewer is shown."""
    if seat is None:
        return None
    # Else each reconnect of a speaker would be an event for everyone.
    return replace(
        seat,
        page="",
        seen_at=NEVER,
        role_since=NEVER,
        lost_at=None,
        asked_by=None,
        interrupted=seat.interruptions,
    )


def of_seats(old: Room, new: Room) -> Iterator[events.Event]:
    # The gone before the new: applied one by one, a full stage never has a seat too many.
    for seat in old.seats:
        if not new.seat_of(seat.user):
            yield events.SeatRemoved(user=seat.user)
    for seat in new.seats:
        if _shown(seat) != _shown(old.seat_of(seat.user)):
            yield events.SeatChanged(user=seat.user)


def of_pins(old: Room, new: Room) -> Iterator[events.Event]:
    # By post: the id of a new pin is 0 until its row is stored.
    before = {pin.post.id for pin in old.pins}
    after = {pin.post.id for pin in new.pins}
    for pin in old.pins:
        if pin.post.id not in after:
            yield events.PinRemoved(pin=pin.id)
    for pin in new.pins:
        if pin.post.id not in before:
            yield events.PinAdded(post=pin.post.id)


def of_requests(old: Room, new: Room) -> Iterator[events.Event]:
    for request in old.requests:
        if not new.request_of(request.user):
            yield events.RequestRemoved(user=request.user)
    for request in new.requests:
        if not old.request_of(request.user):
            yield events.RequestAdded(user=request.user)
    # A request says how its user stands to the host, so with another host all requests differ.
    all_differ = old.host != new.host and bool(new.requests)
    for user in sorted({seat.user for seat in (*old.seats, *new.seats)}):
        saw, sees = sees_queue(old, user), sees_queue(new, user)
        if sees and (not saw or all_differ):
            yield events.RequestsShown(to=user)
        if saw and not sees:
            yield events.RequestsHidden(to=user)


def of_people(old: Room, new: Room) -> Iterator[events.Event]:
    """Tell each participant what changed about themselves; who is removed hears only that."""
    # The sockets of a removed user are closed: they know nothing until they are let in again.
    removed = set(new.bans) - set(old.bans)
    for user in sorted(_concerned(old) | _concerned(new)):
        if user not in removed and _about(old, user) != _about(new, user):
            yield events.MeChanged(to=user)
    for user in sorted(removed):
        yield events.Removed(to=user)


def _concerned(room: Room) -> set[int]:
    """Return the users of whom the room holds more than that they listen."""
    concerned = {seat.user for seat in room.seats}
    concerned |= {request.user for request in room.requests}
    concerned |= {invitation.user for invitation in room.invitations}
    return concerned | set(room.cooldowns)


def _about(room: Room, user: int) -> tuple[object, ...]:
    """Return all that `me` shows of a user and that can change."""
    seat = room.seat_of(user)
    request = room.request_of(user)
    cooldowns = room.cooldowns.get(user)
    return (
        seat.role if seat else None,
        room.acting_host == user,
        request.reason if request else None,
        # When one leaves the queue, all behind hear of their new place by this.
        room.place_of(user),
        cooldowns.may_request_at if cooldowns else None,
        seat.asked_by if seat else None,
        cooldowns.may_be_asked_at if cooldowns else None,
        room.invitation_of(user),
        room.consents.get(user),
    )


def of_invitations(old: Room, new: Room) -> Iterator[events.Event]:
    for asked in new.invitations:
        if asked == old.invitation_of(asked.user):
            continue
        # A question of its own, with an answer of its own: `host.accept`.
        if asked.role is Role.HOST:
            yield events.HostOffered(to=asked.user, by=asked.by, expires_at=asked.expires_at)
            continue
        yield events.InvitationReceived(
            to=asked.user, role=asked.role, by=asked.by, expires_at=asked.expires_at
        )


def of_consents(old: Room, new: Room) -> Iterator[events.Event]:
    """Ask those on stage who have not said yet whether they may be recorded."""
    for user, consent in new.consents.items():
        # Also where the same user is asked again: a recording that goes on forgets every answer.
        if consent.expires_at is not None and consent != old.consents.get(user):
            yield events.ConsentNeeded(to=user, expires_at=consent.expires_at)


PARTS = (of_space, of_seats, of_pins, of_requests, of_people, of_invitations, of_consents)
