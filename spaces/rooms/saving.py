"""What differs between two states of a room, written to its rows.

The caller holds the lock of the Space.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from django.db.models import Model
from django.utils import timezone

from spaces.models import (
    Attendance,
    Ban,
    Consent,
    Invitation,
    Pin,
    Seat,
    Space,
    SpeakRequest,
    Topic,
)
from spaces.rooms import state

Columns = dict[str, str | bool | int | datetime | None]
Row = TypeVar("Row", bound=Model)
Value = TypeVar("Value")
OfUser = TypeVar("OfUser", state.Seat, state.SpeakRequest, state.Invitation)


def save(space: Space, old: state.Room, new: state.Room) -> state.Room:
    """Write what differs and return the room as it is stored now (a new pin has its id)."""
    # Most ticks of the clock change nothing.
    if new == old:
        return new
    # Who loses the host's role goes first: the database allows one host at every moment.
    seats = sorted(new.seats, key=lambda seat: seat.role is state.Role.HOST)
    _save_rows(Seat, space, _by_user(old.seats), _by_user(seats), seat_columns)
    # For the count of speakers at the end, which must outlive the seat.
    for seat in new.seats:
        if old.seat_of(seat.user) is None:
            Attendance.objects.update_or_create(
                space=space, user_id=seat.user, defaults={"was_on_stage": True}
            )
    _save_rows(SpeakRequest, space, _by_user(old.requests), _by_user(new.requests), request_columns)
    _save_rows(
        Invitation, space, _by_user(old.invitations), _by_user(new.invitations), invitation_columns
    )
    _save_rows(Ban, space, old.bans, new.bans, lambda by: {"by_id": by})
    _save_rows(Consent, space, old.consents, new.consents, consent_columns)
    # With the attendance and not with the request, which is gone when the user has to wait.
    for user, cooldowns in new.cooldowns.items():
        if cooldowns != old.cooldowns.get(user):
            Attendance.objects.update_or_create(
                space=space,
                user_id=user,
                defaults={
                    "may_request_at": cooldowns.may_request_at,
                    "may_be_asked_at": cooldowns.may_be_asked_at,
                },
            )
    _save_space(space, new)
    if new.topics != old.topics:
        space.topics.set(Topic.objects.filter(name__in=new.topics))
    return replace(new, pins=_save_pins(space, old, new))


def _save_rows(
    model: type[Row],
    space: Space,
    old: Mapping[int, Value],
    new: Mapping[int, Value],
    columns: Callable[[Value], Columns],
) -> None:
    """Delete, add and change the rows of `model`, one for each user, in the order of `new`."""
    # The gone before the new: the host's seat, which the database allows once, may be among them.
    gone = old.keys() - new.keys()
    if gone:
        model._default_manager.filter(space=space, user__in=gone).delete()
    for user, value in new.items():
        if value != old.get(user):
            model._default_manager.update_or_create(
                space=space, user_id=user, defaults=columns(value)
            )


def _by_user(values: Iterable[OfUser]) -> dict[int, OfUser]:
    return {value.user: value for value in values}


def seat_columns(seat: state.Seat) -> Columns:
    return {
        "role": seat.role.value,
        "microphone": seat.microphone,
        "camera": seat.camera,
        "screen": seat.screen,
        "interrupted": " ".join(seat.interrupted),
        "muted_by_id": seat.muted_by,
        "asked_by_id": seat.asked_by,
        "presence": seat.presence.value,
        "lost_at": seat.lost_at,
        "order": seat.order,
        "role_since": seat.role_since,
        "seen_at": seat.seen_at,
        "page": seat.page,
    }


def request_columns(request: state.SpeakRequest) -> Columns:
    return {
        "reason": request.reason,
        "requested_at": request.requested_at,
        "lost_at": request.lost_at,
    }


def invitation_columns(invitation: state.Invitation) -> Columns:
    return {
        "role": invitation.role.value,
        "by_id": invitation.by,
        "expires_at": invitation.expires_at,
    }


def consent_columns(consent: state.Consent) -> Columns:
    given_at = timezone.now() if consent.is_given else None
    return {"given_at": given_at, "expires_at": consent.expires_at}


def _save_space(space: Space, room: state.Room) -> None:
    """Write the columns of the Space that differ from the room, and no other."""
    values: Columns = {
        "rev": room.rev,
        "state": room.phase.value,
        "title": room.title,
        "language": room.language,
        "host_id": room.host,
        "speak_rule": room.speak_rule.value,
        "requests_open": room.requests_open,
        "video_enabled": room.video,
        "mics_locked": room.mics_locked,
        "locked": room.locked,
        "is_recording": room.recording,
        "recording_wanted": room.recording_wanted,
        "transcript_wanted": room.transcript_wanted,
        "visitors_allowed": room.visitors_allowed,
        "spotlight_id": room.spotlight,
        "acting_host_id": room.acting_host,
        "host_lost_until": room.host_lost_until,
        "scheduled_for": room.scheduled_for,
        "started_at": room.started_at,
        "ended_at": room.ended_at,
        "ended_by_id": room.ended_by,
        "end_reason": room.end_reason.value if room.end_reason else "",
        "listened": room.listened,
        "spoke": room.spoke,
    }
    if room.wall_time is not None:
        values["time_zone"] = room.wall_time.zone
        values["wall_time"] = room.wall_time.at.isoformat()
        values["wall_fold"] = room.wall_time.fold
    # Columns that the room does not know, and those that other services write, stay as they are.
    changed = [name for name, value in values.items() if getattr(space, name) != value]
    for name in changed:
        setattr(space, name, values[name])
    # `update_fields` takes a foreign key by its own name, an attribute by that of its column.
    if changed:
        space.save(update_fields=[name.removesuffix("_id") for name in changed])


def _save_pins(space: Space, old: state.Room, new: state.Room) -> tuple[state.Pin, ...]:
    kept = {pin.post.id for pin in new.pins}
    gone = [pin.id for pin in old.pins if pin.post.id not in kept]
    if gone:
        Pin.objects.filter(space=space, id__in=gone).delete()
    pins = []
    for pin in new.pins:
        if pin.id:
            pins.append(pin)
            continue
        row, _ = Pin.objects.get_or_create(
            space=space, post_id=pin.post.id, defaults={"by_id": pin.by}
        )
        pins.append(replace(pin, id=row.pk))
    return tuple(pins)
