"""The one way to change a room: load, apply, save, on commit tell relays and sockets.

Only here is `group_send` called for a room.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import IntegrityError, transaction
from django.utils import timezone
from msgspec import to_builtins

from accounts.models import User
from config.limits import LIMITS
from media_relay.protocol.relay import Policy, group_name
from spaces.models import Attendance, Space
from spaces.relay import client as relays
from spaces.rooms import (
    audit,
    commands,
    encoding,
    events,
    people,
    relay_policy,
    repository,
    rules,
    saving,
)
from spaces.rooms.actor import VISITOR, Actor
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.messages import ReactionItem
from spaces.rooms.outside import Refresh
from spaces.rooms.state import Phase, Room
from spaces.services import presence_store, recordings, reminders

log = logging.getLogger(__name__)


def actor_of(user: User | None) -> Actor:
    return VISITOR if user is None or not user.pk else Actor(user.pk, is_staff=user.acts_as_staff)


def execute(space_id: str, actor: Actor, command: commands.RoomCommand) -> Room:
    """Do a command under the room's lock and return the room after it.

    Raises RoomError; then nothing has happened.
    """
    try:
        with transaction.atomic():
            return _execute(space_id, actor, command)
    except IntegrityError as error:
        # Two rooms of one host went live at once; each had its own lock, the database knows better.
        if isinstance(command, commands.StartSpace | commands.HandOver | commands.AcceptHost):
            raise RoomError(ErrorCode.ALREADY_LIVE) from error
        raise


def join(space_id: str, actor: Actor, page: str) -> Room:
    """Let a socket in and return the room to show. Raises RoomError for who may not.

    A listener changes nothing that others see, so a thousand of them join without waiting for the
    room's lock.
    """
    # What the cache has may be old: then `execute` decides once more, under the lock.
    room = repository.load_for(space_id, actor.id)
    actor = actor.as_of(room)
    command = commands.Join(page=page, heard_at=_heard_at(room, actor))
    after, _ = rules.apply(room, actor, command, timezone.now(), LIMITS)
    if actor.id is not None and not room.people[actor.id].came_before:
        space = Space.objects.only("pk").get(public_id=space_id)
        attendance = Attendance(space=space, user_id=actor.id)
        # Another tab of theirs may be as fast.
        Attendance.objects.bulk_create([attendance], ignore_conflicts=True)
    return room if after == room else execute(space_id, actor, command)


def _heard_at(room: Room, actor: Actor) -> datetime | None:
    """Return until when a participant on stage is known to have been there.

    A time in which no web process heard pings counts as presence.
    """
    # For a listener nothing depends on it.
    if actor.id is None or not room.seat_of(actor.id):
        return None
    try:
        seen = presence_store.last_seen(room.id, [actor.id]).get(actor.id, 0.0)
        return datetime.fromtimestamp(max(seen, presence_store.known_since()), UTC)
    except redis.RedisError as error:
        # None counts as in time: a microphone must not be shut for an absence that is not proven.
        log.warning("How long %s was away from %s is not known: %s", actor.id, room.id, error)
        return None


def get_room_for(space_id: str, actor: Actor) -> Room:
    """Return the room for a viewer who is in it. Raises RoomError if they may not be any more."""
    room = repository.load_for(space_id, actor.id)
    check_may_enter(room, actor)
    return room


def check_may_enter(room: Room, actor: Actor) -> None:
    """Raise RoomError unless a viewer, whom the room knows, may be in it now."""
    rules.check_may_enter(room, actor.as_of(room), timezone.now(), LIMITS)


def refresh_policy(space_id: str) -> None:
    """Say again to relays and egress how the room is, and to its hubs up to which `rev`.

    By that a hub notices that it has lost a message.
    """
    # Without a lock: an older policy than the newest one is refused by Redis (`send_policy`).
    _, room = repository.load(space_id)
    _say_again(room)
    # Not as a stored change: it makes no `rev`, so that one which is missing stays a gap.
    _tell(encoding.encode(room, (), is_stored=False))


def recover(space_id: str, viewers: Iterable[int]) -> Room:
    """Return the room as it is to a hub that has lost a change, with the facts about `viewers`.

    Whoever committed the change may have died before telling anybody, so relays and egress are
    told again, too. Raises RoomError not_available.
    """
    _, room = repository.load(space_id, about=viewers)
    _say_again(room)
    return room


def _say_again(room: Room) -> None:
    """What may be said any number of times: the relays keep the newest `rev`, an end stays one."""
    if room.is_over:
        _end_media(room)
        # Of a room that is over it takes back whatever was wanted.
        recordings.publish_change(room, room, ())
    elif room.phase in (Phase.GREEN, Phase.LIVE):
        _send_policy(relay_policy.policy_of(room))
        recordings.refresh(room)
        # The policy stops what removed participants send; this, what they hear.
        for user in room.bans:
            _end_media_of(room, user)


def as_it_ended(room: Room) -> encoding.Change:
    """Return the end of a room once more, for sockets that have missed it."""
    return encoding.encode(room, (events.SpaceEnded(),), is_stored=True)


def refresh_egress(space_id: str) -> None:
    """Say again what is wanted of egress: a viewer has begun to read captions."""
    _, room = repository.load(space_id)
    recordings.refresh(room)


def _execute(space_id: str, actor: Actor, command: commands.RoomCommand) -> Room:
    now = timezone.now()
    # Those whom the command is about, beside those whom the room names.
    about = {actor.id} if actor.id is not None else set()
    if isinstance(command, commands.Aimed):
        about.add(command.user)
    if isinstance(command, Refresh):
        about |= command.people
    space, room = repository.load_locked(space_id, about=about)
    actor = actor.as_of(room)
    # Redis is asked only where a rule asks for presence: who comes on stage must be here.
    if isinstance(command, commands.Aimed | commands.RequestToSpeak):
        room = people.with_presence(room, about)
    ruled = command
    if isinstance(command, commands.AddPin):
        post = None if actor.id is None else people.find_post(command.url, actor.id)
        ruled = commands.PinPost(post)
    after, told = rules.apply(room, actor, ruled, now, LIMITS)
    # The rules know no attendance, so the counts that the end shows are filled in here.
    if after.is_over and not room.is_over:
        listened, spoke = repository.counts(space)
        after = replace(after, listened=listened + _visitors(room.id), spoke=spoke)
    # Saved before it is told: a new pin has its id from here.
    after = saving.save(space, room, after)
    if after.host != room.host:
        after = repository.with_people(space, after)
    # `command` and not `ruled`: the log keeps what was asked for, such as the address of a pin.
    audit.write(space, room, after, actor, command, now)
    recordings.update_row(space, room, after, now)
    if after.scheduled_for != room.scheduled_for:
        reminders.on_moved(space)
    if after.rev != room.rev or told:
        transaction.on_commit(partial(_publish, room, after, told))
    return after


def _visitors(space_id: str) -> int:
    try:
        return presence_store.visitors(space_id)
    except redis.RedisError as error:
        log.warning("Visitors of %s are not counted: %s", space_id, error)
        return 0


# --- after the commit -----------------------------------------------------------------------------


def _publish(old: Room, new: Room, told: Iterable[events.Event]) -> None:
    """Tell the relays first, because sound must stop at once, then the sockets."""
    if new.is_over:
        _end_media(new)
    elif relay_policy.differs(old, new):
        _send_policy(relay_policy.policy_of(new))
    recordings.publish_change(old, new, told)
    for event in told:
        if isinstance(event, events.Removed):
            # The policy stops what they send; this also ends what they hear (RULES §5), even where
            # their socket is lost and its process gone.
            _end_media_of(new, event.to)
    _tell(encoding.encode(new, told, is_stored=new.rev != old.rev))


def _end_media(room: Room) -> None:
    try:
        reason = room.end_reason.value if room.end_reason else "ended"
        relays.close_space(relay_policy.policy_of(room), reason)
        # Only now: the visitors in it were counted when the room ended.
        presence_store.forget(room.id)
    except redis.RedisError as error:
        log.warning("The relays of %s were not told of its end: %s", room.id, error)


def _end_media_of(room: Room, user: int) -> None:
    try:
        relays.close_peers_of(room.id, user, "removed")
    except redis.RedisError as error:
        log.warning("The media of %s in %s goes on: %s", user, room.id, error)


def _send_policy(newest: Policy) -> None:
    # The change is committed and stays, also while Redis is away.
    try:
        relays.send_policy(newest)
    except redis.RedisError as error:
        log.warning("The policy of %s waits for the next refresh: %s", newest.space, error)


def _tell(change: encoding.Change) -> None:
    try:
        async_to_sync(get_channel_layer().group_send)(group_name(change.space), to_builtins(change))
    except (redis.RedisError, OSError) as error:
        # The hubs see in the database that they have missed it (`consumers.rev_watch`).
        log.warning("Change %s of %s was not published: %s", change.rev, change.space, error)


def reactions_group(space: str) -> str:
    return f"reactions.{space}"


async def show_reactions(space: str, items: tuple[ReactionItem, ...]) -> None:
    """Spread one process's batch of reactions.

    They change nothing that is stored and may be lost without harm.
    """
    try:
        await get_channel_layer().group_send(
            reactions_group(space), to_builtins(encoding.ReactionsShared(items))
        )
    except (redis.RedisError, OSError) as error:
        log.warning("Reactions in %s were lost: %s", space, error)
