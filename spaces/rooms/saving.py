"""What differs between two states of a room, written to its rows.

The caller holds the lock of the Space.
"""

from dataclasses import replace

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


def save(space: Space, old: state.Room, new: state.Room) -> state.Room:
    """Write what differs and return the room as it is stored now (a new pin has its id)."""
    if new == old:
        return new
    _save_seats(space, old, new)
    _save_requests(space, old, new)
    _save_invitations(space, old, new)
    _save_bans(space, old, new)
    _save_waits(space, old, new)
    _save_consents(space, old, new)
    _save_space(space, new)
    if new.topics != old.topics:
        space.topics.set(Topic.objects.filter(name__in=new.topics))
    return replace(new, pins=_save_pins(space, old, new))


def _save_space(space: Space, room: state.Room) -> None:
    values: dict[str, object] = {
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
    changed = [name for name, value in values.items() if getattr(space, name) != value]
    for name in changed:
        setattr(space, name, values[name])
    if changed:
        space.save(update_fields=[name.removesuffix("_id") for name in changed])


def _save_seats(space: Space, old: state.Room, new: state.Room) -> None:
    """Write seats.

    Those that lose the host's role go first: the database allows one host at every moment.
    """
    before = {seat.user: seat for seat in old.seats}
    gone = set(before) - {seat.user for seat in new.seats}
    if gone:
        Seat.objects.filter(space=space, user__in=gone).delete()
    changed = [seat for seat in new.seats if seat != before.get(seat.user)]
    for seat in sorted(changed, key=lambda seat: seat.role is state.Role.HOST):
        Seat.objects.update_or_create(space=space, user_id=seat.user, defaults=_seat_columns(seat))
    for seat in new.seats:
        if seat.user not in before:
            Attendance.objects.update_or_create(
                space=space, user_id=seat.user, defaults={"was_on_stage": True}
            )


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
            columns = {
                "reason": request.reason,
                "requested_at": request.requested_at,
                "lost_at": request.lost_at,
            }
            SpeakRequest.objects.update_or_create(
                space=space, user_id=request.user, defaults=columns
            )


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
    added = (
        Ban(space=space, user_id=user, by_id=by)
        for user, by in new.bans.items()
        if user not in old.bans
    )
    Ban.objects.bulk_create(added)


def _save_waits(space: Space, old: state.Room, new: state.Room) -> None:
    for user, waits in new.waits.items():
        if waits != old.waits.get(user):
            columns = {
                "may_request_at": waits.may_request_at,
                "may_be_asked_at": waits.may_be_asked_at,
            }
            Attendance.objects.update_or_create(space=space, user_id=user, defaults=columns)


def _save_consents(space: Space, old: state.Room, new: state.Room) -> None:
    gone = set(old.consents) - set(new.consents)
    if gone:
        Consent.objects.filter(space=space, user__in=gone).delete()
    for user, consent in new.consents.items():
        if consent != old.consents.get(user):
            given_at = timezone.now() if consent.is_given else None
            columns = {"given_at": given_at, "expires_at": consent.expires_at}
            Consent.objects.update_or_create(space=space, user_id=user, defaults=columns)


def _save_pins(space: Space, old: state.Room, new: state.Room) -> tuple[state.Pin, ...]:
    kept = {pin.post.id for pin in new.pins}
    gone = [pin.id for pin in old.pins if pin.post.id not in kept]
    if gone:
        Pin.objects.filter(space=space, id__in=gone).delete()
    return tuple(pin if pin.id else _save_pin(space, pin) for pin in new.pins)


def _save_pin(space: Space, pin: state.Pin) -> state.Pin:
    row, _ = Pin.objects.get_or_create(space=space, post_id=pin.post.id, defaults={"by_id": pin.by})
    return replace(pin, id=row.pk)
