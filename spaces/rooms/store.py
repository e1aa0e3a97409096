"""A room's rows in and out. Loading takes the row lock of the Space; saving writes what differs."""

import time
from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q, QuerySet

from spaces.models import Attendance, Ban, Invitation, Pin, Seat, Space, SpeakRequest
from spaces.rooms import people, state
from spaces.rooms.errors import RoomError

LOOKED_S = 2.0
LOOKS_KEPT = 200
_looks: dict[str, tuple[int, float, state.Room]] = {}  # public id -> rev, monotonic second, room.


def load(public_id: str, *, about: Iterable[int] = ()) -> tuple[Space, state.Room]:
    """Return the row and the room, without a lock: for looking. Raises RoomError not_available."""
    return _load(Space.objects.filter(public_id=public_id), about)


def look(public_id: str, viewer: int | None) -> state.Room:
    """Return the room as a viewer sees it, for showing only: what a hundred joins in a row read is read once.

    Facts about the viewer are fresh; those about people on stage may be `LOOKED_S` old. Raises RoomError not_available.
    """
    space = Space.objects.filter(public_id=public_id).first()
    if space is None:
        raise RoomError("not_available")
    room = _looked(space)
    if viewer is None:
        return room
    me = people.load_viewer(space, viewer)
    known = {user: person for user, person in room.people.items() if user != viewer}
    return replace(room, people={**known, viewer: me} if me else known)


def _looked(space: Space) -> state.Room:
    """Return the room at the row's `rev` from the last look, if that is fresh, or read it."""
    now = time.monotonic()
    found = _looks.get(space.public_id)
    if found and found[0] == space.rev and now - found[1] < LOOKED_S:
        return found[2]
    room = _room(space)
    room = replace(room, people=people.load(space, _named(room)))
    if len(_looks) >= LOOKS_KEPT:
        _looks.clear()
    _looks[space.public_id] = (space.rev, now, room)
    return room


def load_locked(public_id: str, *, about: Iterable[int] = ()) -> tuple[Space, state.Room]:
    """Return the row and the room and hold them until the transaction ends. Raises RoomError not_available."""
    return _load(Space.objects.filter(public_id=public_id).select_for_update(of=("self",)), about)


def _load(rows: QuerySet[Space], about: Iterable[int]) -> tuple[Space, state.Room]:
    space = rows.first()
    if space is None:
        raise RoomError("not_available")
    room = _room(space)
    return space, replace(room, people=people.load(space, {*_named(room), *about}))


def with_people(space: Space, room: state.Room) -> state.Room:
    """Return the room with everybody's facts read again: they are about the host, and the host has changed."""
    return replace(room, people=people.load(space, set(room.people)))


def _room(space: Space) -> state.Room:
    seats = [_seat(row) for row in Seat.objects.filter(space=space).order_by("order")]
    return state.Room(
        id=space.public_id,
        rev=space.rev,
        phase=state.Phase(space.state),
        title=space.title,
        host=space.host_id,
        url=space.get_absolute_url(),
        topics=tuple(space.topics.values_list("name", flat=True)),
        language=space.language,
        speak_rule=state.SpeakRule(space.speak_rule),
        requests_open=space.requests_open,
        video=space.video_enabled,
        visitors_allowed=space.visitors_allowed,
        mics_locked=space.mics_locked,
        locked=space.locked,
        recording=space.is_recording,
        spotlight=space.spotlight_id,
        acting_host=space.acting_host_id,
        host_lost_until=space.host_lost_until,
        scheduled_for=space.scheduled_for,
        created_at=space.created_at,
        started_at=space.started_at,
        ended_at=space.ended_at,
        ended_by=space.ended_by_id,
        end_reason=state.EndReason(space.end_reason) if space.end_reason else None,
        listened=space.listened,
        spoke=space.spoke,
        seats=tuple(seats),
        requests=tuple(_request(row) for row in SpeakRequest.objects.filter(space=space)),
        invitations=tuple(_invitation(row) for row in Invitation.objects.filter(space=space).order_by("id")),
        bans={ban.user_id: ban.by_id or 0 for ban in Ban.objects.filter(space=space)},
        pins=people.pins(space),
        waits=_waits(space),
    )


def _named(room: state.Room) -> set[int]:
    """Return everybody the state names; those only banned or waiting are not shown to anybody."""
    named = {room.host, *(seat.user for seat in room.seats), *(request.user for request in room.requests)}
    named |= {user for asked in room.invitations for user in (asked.user, asked.by)}
    named |= {user for pin in room.pins for user in (pin.post.author, pin.by)}
    return named | ({room.ended_by} if room.ended_by is not None else set())


def _seat(row: Seat) -> state.Seat:
    return state.Seat(
        user=row.user_id,
        role=state.Role(row.role),
        order=row.order,
        role_since=row.role_since,
        seen_at=row.seen_at,
        microphone=row.microphone,
        camera=row.camera,
        screen=row.screen,
        muted_by=row.muted_by_id,
        presence=state.Presence(row.presence),
        lost_at=row.lost_at,
        page=row.page,
    )


def _request(row: SpeakRequest) -> state.SpeakRequest:
    return state.SpeakRequest(row.user_id, row.reason, row.requested_at, row.lost_at)


def _invitation(row: Invitation) -> state.Invitation:
    return state.Invitation(row.user_id, state.Role(row.role), row.by_id, row.expires_at)


def _waits(space: Space) -> dict[int, state.Waits]:
    waiting = Q(may_request_at__isnull=False) | Q(may_be_asked_at__isnull=False)
    rows = Attendance.objects.filter(waiting, space=space)
    return {row.user_id: state.Waits(row.may_request_at, row.may_be_asked_at) for row in rows}


# --- saving ------------------------------------------------------------------------------------------------------


def save(space: Space, old: state.Room, new: state.Room) -> state.Room:
    """Write what differs and return the room as it is stored now (a new pin has its id)."""
    if new == old:
        return new
    _save_seats(space, old, new)
    _save_requests(space, old, new)
    _save_invitations(space, old, new)
    _save_bans(space, old, new)
    _save_waits(space, old, new)
    _save_space(space, new)
    return replace(new, pins=_save_pins(space, old, new))


def _save_space(space: Space, room: state.Room) -> None:
    values = {
        "rev": room.rev,
        "state": room.phase.value,
        "title": room.title,
        "host_id": room.host,
        "speak_rule": room.speak_rule.value,
        "requests_open": room.requests_open,
        "video_enabled": room.video,
        "mics_locked": room.mics_locked,
        "locked": room.locked,
        "is_recording": room.recording,
        "spotlight_id": room.spotlight,
        "acting_host_id": room.acting_host,
        "host_lost_until": room.host_lost_until,
        "started_at": room.started_at,
        "ended_at": room.ended_at,
        "ended_by_id": room.ended_by,
        "end_reason": room.end_reason.value if room.end_reason else "",
        "listened": room.listened,
        "spoke": room.spoke,
    }
    changed = [name for name, value in values.items() if getattr(space, name) != value]
    for name in changed:
        setattr(space, name, values[name])
    if changed:
        space.save(update_fields=[name.removesuffix("_id") for name in changed])


def _save_seats(space: Space, old: state.Room, new: state.Room) -> None:
    """Write seats. Those that lose the host's role go first: the database allows one host at every moment."""
    before = {seat.user: seat for seat in old.seats}
    gone = set(before) - {seat.user for seat in new.seats}
    if gone:
        Seat.objects.filter(space=space, user__in=gone).delete()
    changed = [seat for seat in new.seats if seat != before.get(seat.user)]
    for seat in sorted(changed, key=lambda seat: seat.role is state.Role.HOST):
        Seat.objects.update_or_create(space=space, user_id=seat.user, defaults=_seat_columns(seat))
    for seat in new.seats:
        if seat.user not in before:
            Attendance.objects.update_or_create(space=space, user_id=seat.user, defaults={"was_on_stage": True})


def _seat_columns(seat: state.Seat) -> dict[str, object]:
    return {
        "role": seat.role.value,
        "microphone": seat.microphone,
        "camera": seat.camera,
        "screen": seat.screen,
        "muted_by_id": seat.muted_by,
        "presence": seat.presence.value,
        "lost_at": seat.lost_at,
        "order": seat.order,
        "role_since": seat.role_since,
        "seen_at": seat.seen_at,
        "page": seat.page,
    }


def _save_requests(space: Space, old: state.Room, new: state.Room) -> None:
    before = {request.user: request for request in old.requests}
    gone = set(before) - {request.user for request in new.requests}
    if gone:
        SpeakRequest.objects.filter(space=space, user__in=gone).delete()
    for request in new.requests:
        if request != before.get(request.user):
            columns = {"reason": request.reason, "requested_at": request.requested_at, "lost_at": request.lost_at}
            SpeakRequest.objects.update_or_create(space=space, user_id=request.user, defaults=columns)


def _save_invitations(space: Space, old: state.Room, new: state.Room) -> None:
    before = {asked.user: asked for asked in old.invitations}
    gone = set(before) - {asked.user for asked in new.invitations}
    if gone:
        Invitation.objects.filter(space=space, user__in=gone).delete()
    for asked in new.invitations:
        if asked != before.get(asked.user):
            columns = {"role": asked.role.value, "by_id": asked.by, "expires_at": asked.expires_at}
            Invitation.objects.update_or_create(space=space, user_id=asked.user, defaults=columns)


def _save_bans(space: Space, old: state.Room, new: state.Room) -> None:
    gone = set(old.bans) - set(new.bans)
    if gone:
        Ban.objects.filter(space=space, user__in=gone).delete()
    added = (Ban(space=space, user_id=user, by_id=by) for user, by in new.bans.items() if user not in old.bans)
    Ban.objects.bulk_create(added)


def _save_waits(space: Space, old: state.Room, new: state.Room) -> None:
    for user, waits in new.waits.items():
        if waits != old.waits.get(user):
            columns = {"may_request_at": waits.may_request_at, "may_be_asked_at": waits.may_be_asked_at}
            Attendance.objects.update_or_create(space=space, user_id=user, defaults=columns)


def _save_pins(space: Space, old: state.Room, new: state.Room) -> tuple[state.Pin, ...]:
    kept = {pin.post.id for pin in new.pins}
    gone = [pin.id for pin in old.pins if pin.post.id not in kept]
    if gone:
        Pin.objects.filter(space=space, id__in=gone).delete()
    return tuple(pin if pin.id else _save_pin(space, pin) for pin in new.pins)


def _save_pin(space: Space, pin: state.Pin) -> state.Pin:
    row, _ = Pin.objects.get_or_create(space=space, post_id=pin.post.id, defaults={"by_id": pin.by})
    return replace(pin, id=row.pk)


def counts(space: Space) -> tuple[int, int]:
    """Return how many accounts came and how many of them were on stage."""
    came = Attendance.objects.filter(space=space)
    return came.count(), came.filter(was_on_stage=True).count()
