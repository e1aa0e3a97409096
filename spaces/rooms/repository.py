"""A room's rows as a room.

For a change the row lock of the Space is taken; `saving` writes what differs.
"""

import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet

from spaces.models import Attendance, Ban, Consent, Invitation, Seat, Space, SpeakRequest
from spaces.rooms import people, state
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.wall_clock import WallTime

# What `rev` does not count, such as a new name or avatar of a participant, is this late at most.
CACHED_S = 2.0
CACHED_ROOMS_MAX = 200
HAS_COOLDOWN = Q(may_request_at__isnull=False) | Q(may_be_asked_at__isnull=False)
_cache: dict[str, tuple[int, float, state.Room]] = {}  # public id -> rev, monotonic second, room.


def load(public_id: str, *, about: Iterable[int] = ()) -> tuple[Space, state.Room]:
    """Return the row and the room, without a lock: for looking. Raises RoomError not_available."""
    return _load(Space.objects.filter(public_id=public_id), about)


def newest_revs(public_ids: Iterable[str]) -> dict[str, int]:
    """Return the `rev` of each of these rooms that exists, by one query."""
    rows = Space.objects.filter(public_id__in=public_ids)
    return dict(rows.values_list("public_id", "rev"))


def load_for(public_id: str, viewer: int | None) -> state.Room:
    """Return the room as a viewer sees it, for showing only.

    What a hundred joins in a row read is read once: facts about the viewer are fresh, those about
    people on stage may be `CACHED_S` old. Raises RoomError not_available.
    """
    space = Space.objects.filter(public_id=public_id).first()
    if space is None:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    room = _cached(space)
    if viewer is None:
        return room
    # The viewer's own facts decide whether they may enter: a block or a suspension counts at once.
    me = people.load_viewer(space, viewer)
    known = {user: person for user, person in room.people.items() if user != viewer}
    return replace(room, people={**known, viewer: me} if me else known)


def _cached(space: Space) -> state.Room:
    """Return the room at the row's `rev`, from the cache if it is fresh there."""
    now = time.monotonic()
    found = _cache.get(space.public_id)
    if found and found[0] == space.rev and now - found[1] < CACHED_S:
        return found[2]
    room = _room(space)
    room = replace(room, people=people.load(space, _named(room)))
    if len(_cache) >= CACHED_ROOMS_MAX:
        # Two seconds later nothing in it would count any more, so no room is worth choosing.
        _cache.clear()
    _cache[space.public_id] = (space.rev, now, room)
    return room


def load_locked(public_id: str, *, about: Iterable[int] = ()) -> tuple[Space, state.Room]:
    """Return the row and the room and hold them until the transaction ends.

    Raises RoomError not_available.
    """
    return _load(Space.objects.filter(public_id=public_id).select_for_update(of=("self",)), about)


def _load(rows: QuerySet[Space], about: Iterable[int]) -> tuple[Space, state.Room]:
    space = rows.first()
    if space is None:
        raise RoomError(ErrorCode.NOT_AVAILABLE)
    room = _room(space)
    return space, replace(room, people=people.load(space, {*_named(room), *about}))


def with_people(space: Space, room: state.Room) -> state.Room:
    """Return the room with the facts about its people read again, after the host has changed."""
    # Who follows whom and who is blocked: each of these facts is about the host.
    return replace(room, people=people.load(space, set(room.people)))


def counts(space: Space) -> tuple[int, int]:
    """Return how many accounts came and how many of them were on stage."""
    came = Attendance.objects.filter(space=space)
    return came.count(), came.filter(was_on_stage=True).count()


def _room(space: Space) -> state.Room:
    seats = [seat_of(row) for row in Seat.objects.filter(space=space).order_by("order")]
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
        recording_wanted=space.recording_wanted,
        transcript_wanted=space.transcript_wanted,
        spotlight=space.spotlight_id,
        acting_host=space.acting_host_id,
        host_lost_until=space.host_lost_until,
        scheduled_for=space.scheduled_for,
        wall_time=wall_time_of(space),
        created_at=space.created_at,
        started_at=space.started_at,
        ended_at=space.ended_at,
        ended_by=space.ended_by_id,
        end_reason=state.EndReason(space.end_reason) if space.end_reason else None,
        listened=space.listened,
        spoke=space.spoke,
        seats=tuple(seats),
        requests=tuple(
            state.SpeakRequest(row.user_id, row.reason, row.requested_at, row.lost_at)
            for row in SpeakRequest.objects.filter(space=space)
        ),
        invitations=tuple(
            state.Invitation(row.user_id, state.Role(row.role), row.by_id, row.expires_at)
            for row in Invitation.objects.filter(space=space).order_by("id")
        ),
        # 0: the account of who removed them is gone, the removal stays.
        bans={ban.user_id: ban.by_id or 0 for ban in Ban.objects.filter(space=space)},
        pins=people.pins(space),
        # Also of users who have left: leaving does not shorten the minute (RULES §5).
        cooldowns={
            row.user_id: state.Cooldowns(row.may_request_at, row.may_be_asked_at)
            for row in Attendance.objects.filter(HAS_COOLDOWN, space=space)
        },
        # A room that is not recorded has none, so nothing is read then.
        consents={
            row.user_id: state.Consent(row.expires_at)
            for row in Consent.objects.filter(space=space).order_by("id")
        }
        if space.is_recording
        else {},
    )


def wall_time_of(space: Space) -> WallTime | None:
    """Return what the host's clock will show at the start, or None where no time was chosen."""
    if not space.wall_time:
        return None
    return WallTime(datetime.fromisoformat(space.wall_time), space.time_zone, space.wall_fold)


def _named(room: state.Room) -> set[int]:
    """Return the users whom the state names and pages show; not those only banned or waiting."""
    named = {
        room.host,
        *(seat.user for seat in room.seats),
        *(request.user for request in room.requests),
    }
    named |= {seat.asked_by for seat in room.seats if seat.asked_by is not None}
    named |= {user for asked in room.invitations for user in (asked.user, asked.by)}
    named |= {user for pin in room.pins for user in (pin.post.author, pin.by)}
    return named | ({room.ended_by} if room.ended_by is not None else set())


def seat_of(row: Seat) -> state.Seat:
    return state.Seat(
        user=row.user_id,
        role=state.Role(row.role),
        order=row.order,
        role_since=row.role_since,
        seen_at=row.seen_at,
        microphone=row.microphone,
        camera=row.camera,
        screen=row.screen,
        interrupted=tuple(map(state.Source, row.interrupted.split())),
        muted_by=row.muted_by_id,
        asked_by=row.asked_by_id,
        presence=state.Presence(row.presence),
        lost_at=row.lost_at,
        page=row.page,
    )
