"""What a viewer may know of a room, in the shapes of PROTOCOL.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from spaces.rooms import permissions
from spaces.rooms.commands import Actor
from spaces.rooms.diff import leads
from spaces.rooms.state import (
    Consent,
    Invitation,
    Person,
    Pin,
    PinnedPost,
    Role,
    Room,
    Seat,
    SpeakRequest,
)

Json = dict[str, object]
ORDER = {Role.HOST: 0, Role.COHOST: 1, Role.SPEAKER: 2}
NOBODY: Json = {"audio": [None, None, None], "video": None, "screen": None, "active": None}
NO_CAPTIONS: Json = {"available": False, "status": "off", "reason": ""}


@dataclass(frozen=True)
class Live:
    """What is known of the moment and stored nowhere: who listens, who is heard."""

    count: int = 0
    sample: Sequence[Person] = ()
    assigned: Mapping[str, object] = field(default_factory=lambda: NOBODY)
    captions: Mapping[str, object] = field(default_factory=lambda: NO_CAPTIONS)


def carried(assigned: Mapping[str, object]) -> Json:
    """Return what the slots carry with people's numeric ids (PROTOCOL.md); the relay knows people
    by text.
    """

    def number(user: object) -> int | None:
        return None if user is None else int(str(user))

    audio = assigned["audio"]
    assert isinstance(audio, list | tuple)
    single = {name: number(assigned[name]) for name in ("video", "screen", "active")}
    return {"audio": [number(user) for user in audio], **single}


def snapshot(room: Room, viewer: Actor, live: Live) -> Json:
    return {
        "type": "space.snapshot",
        "rev": room.rev,
        "space": space(room),
        "me": me(room, viewer),
        "stage": [seat(room, each) for each in in_stage_order(room.seats)],
        "requests": requests_for(room, viewer),
        "listeners": listeners(live),
        "assigned": dict(live.assigned),
        "pins": [pin(room, each) for each in room.pins if may_see_pin(each, viewer.id)],
        "captions": dict(live.captions),
    }


def in_stage_order(seats: Sequence[Seat]) -> list[Seat]:
    """Return host, co-hosts, speakers, each by arrival (RULES §5)."""
    return sorted(seats, key=lambda each: (ORDER[each.role], each.order))


def space(room: Room) -> Json:
    return {
        "id": room.id,
        "title": room.title,
        "url": room.url,
        "state": room.phase.value,
        "host": person_in(room, room.host),
        "acting_host": room.acting_host,
        "host_lost_until": time(room.host_lost_until),
        "topics": list(room.topics),
        "language": room.language,
        "speak_rule": room.speak_rule.value,
        "requests_open": room.requests_open,
        "video": room.video,
        "mics_locked": room.mics_locked,
        "locked": room.locked,
        "recording": room.recording,
        "recording_wanted": room.recording_wanted,
        "spotlight": room.spotlight,
        "scheduled_for": time(room.scheduled_for),
        "started_at": time(room.started_at),
        "ended_at": time(room.ended_at),
    }


def me(room: Room, viewer: Actor) -> Json:
    user = viewer.id
    request = room.request_of(user)
    waits = room.waits.get(user) if user is not None else None
    return {
        "user": person_in(room, user) if user is not None else None,
        "role": permissions.shown_role(room, viewer).value,
        "request": {"place": room.place_of(request.user), "reason": request.reason}
        if request
        else None,
        "may_request_at": time(waits.may_request_at) if waits else None,
        "invitation": invitation(room, room.invitation_of(user)),
        "consent": consent(room.consents.get(user) if user is not None else None),
        "can": permissions.can(room, viewer),
    }


def seat(room: Room, each: Seat) -> Json:
    return {
        "user": person_in(room, each.user),
        "role": each.role.value,
        "mic": each.microphone,
        "camera": each.camera,
        "screen": each.screen,
        "muted_by": each.muted_by,
        "presence": each.presence.value,
        "order": each.order,
    }


def requests_for(room: Room, viewer: Actor) -> list[Json]:
    """Return the line for host and co-hosts, nothing for others."""
    if viewer.id is None or not leads(room, viewer.id):
        return []
    return [request(room, each) for each in room.requests]


def request(room: Room, each: SpeakRequest) -> Json:
    return {
        "user": person_in(room, each.user),
        "reason": each.reason,
        "place": room.place_of(each.user),
        "relation": relation(room.people.get(each.user)),
    }


def relation(someone: Person | None) -> str:
    """Return how somebody stands to the host: "you" is the host."""
    if someone is None:
        return ""
    if someone.follows_host and someone.followed_by_host:
        return "mutual"
    if someone.follows_host:
        return "follows_you"
    return "you_follow" if someone.followed_by_host else ""


def invitation(room: Room, asked: Invitation | None) -> Json | None:
    if asked is None:
        return None
    return {
        "role": asked.role.value,
        "by": person_in(room, asked.by),
        "expires_at": time(asked.expires_at),
    }


def consent(said: Consent | None) -> Json | None:
    """Return a person's word on being recorded; None where nobody has asked for it."""
    return None if said is None else {"given": said.is_given, "expires_at": time(said.expires_at)}


def pin(room: Room, each: Pin) -> Json:
    return {"id": each.id, "post": _post(room, each.post), "by": each.by}


def may_see_pin(each: Pin, user: int | None) -> bool:
    return user is None or user not in each.post.hidden_from


def listeners(live: Live) -> Json:
    return {"count": live.count, "sample": [person(each) for each in live.sample]}


def person_in(room: Room, user: int) -> Json:
    """Return a person of the room; one whose account is gone has an id and no name."""
    someone = room.people.get(user)
    return (
        person(someone)
        if someone
        else {"id": user, "handle": "", "name": "", "avatar": "", "url": ""}
    )


def person(someone: Person) -> Json:
    return {
        "id": someone.id,
        "handle": someone.handle,
        "name": someone.name,
        "avatar": someone.avatar,
        "url": someone.url,
    }


def time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _post(room: Room, post: PinnedPost) -> Json:
    return {
        "id": post.id,
        "url": post.url,
        "author": person_in(room, post.author),
        "text": post.text,
    }
