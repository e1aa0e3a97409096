"""What is written to the log of a Space, and how."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from msgspec import structs

from config.text import line
from spaces.models import AuditEntry, Space
from spaces.rooms import commands
from spaces.rooms.actor import SYSTEM, Actor
from spaces.rooms.permissions import shown_role
from spaces.rooms.state import Room

Detail = dict[str, str | bool | int | tuple[str, ...]]


@dataclass(frozen=True)
class AuditedChange:
    """What all entries of one change share. Handles and roles are those of `room`, before it."""

    space: Space
    room: Room
    at: datetime

    def entry(
        self, actor: Actor, action: str, target: int | None = None, detail: Detail | None = None
    ) -> AuditEntry:
        # Handles are copied: the log outlives the account (config/decisions/0021-leaving.md).
        who = self.room.people.get(actor.id or 0)
        whom = self.room.people.get(target or 0)
        role = "system" if actor.is_system else shown_role(self.room, actor).value
        return AuditEntry(
            space=self.space,
            actor_id=actor.id,
            actor_handle=who.handle if who else "",
            actor_role=role,
            action=action,
            target_id=target,
            target_handle=whom.handle if whom else "",
            detail=detail or {},
            at=self.at,
        )


def write(
    space: Space, old: Room, new: Room, actor: Actor, command: commands.RoomCommand, now: datetime
) -> None:
    """Log what host, co-host, moderator or the clock did, in the transaction that did it."""
    # The room before the change: who has just handed over was the host when they did.
    moment = AuditedChange(space, old, now)
    entries = [
        *of_command(moment, actor, command),
        *of_succession(moment, new, actor, command),
        *of_recording(moment, new, actor, command),
    ]
    AuditEntry.objects.bulk_create(entries)


def of_command(
    moment: AuditedChange, actor: Actor, command: commands.RoomCommand
) -> Iterator[AuditEntry]:
    """Log the command with its own fields, as JSON takes them; the one in `user` is the target."""
    if not command.audited_as:
        return
    target = None
    detail: Detail = {}
    for field in structs.fields(command):
        value = getattr(command, field.name)
        if field.name == "user":
            target = value
        elif isinstance(value, datetime):
            detail[field.name] = value.isoformat()
        elif isinstance(value, str):
            detail[field.name] = line(value)  # As it was typed; PostgreSQL's JSON has no "\0".
        # A setting that `room.update` left out is UNSET, and is not in the log either.
        elif isinstance(value, bool | int | tuple):
            detail[field.name] = value
    yield moment.entry(actor, command.audited_as, target, detail)


def of_succession(
    moment: AuditedChange, new: Room, actor: Actor, command: commands.RoomCommand
) -> Iterator[AuditEntry]:
    """Log the end that the clock brought, and who came to be in charge without being given it."""
    old = moment.room
    # Every other end has a command of its own.
    if isinstance(command, commands.Tick) and new.is_over:
        reason = new.end_reason.value if new.end_reason else ""
        yield moment.entry(actor, "space.end", detail={"reason": reason})
    if new.acting_host is not None and new.acting_host != old.acting_host:
        yield moment.entry(SYSTEM, "host.acting", new.acting_host)
    if new.host != old.host and not isinstance(command, commands.HandOver | commands.AcceptHost):
        yield moment.entry(SYSTEM, "host.changed", new.host)


def of_recording(
    moment: AuditedChange, new: Room, actor: Actor, command: commands.RoomCommand
) -> Iterator[AuditEntry]:
    """Log recording on and off, each consent however it was given, and each that never came."""
    old = moment.room
    if new.recording != old.recording:
        yield moment.entry(actor, "recording.start" if new.recording else "recording.stop")
    for user, consent in new.consents.items():
        before = old.consents.get(user)
        had_given = before is not None and before.is_given
        if consent.is_given and not had_given:
            # Theirs, whatever it came with: a request, an invitation, the start of the recording.
            yield moment.entry(Actor(user), "consent.give")
    if not isinstance(command, commands.Tick) or new.is_over:
        return
    for user, before in old.consents.items():
        is_gone = not before.is_given and user not in new.consents
        # Taken off the stage by the clock, or still asked when recording stopped: never answered.
        if is_gone and (new.seat_of(user) is None or not new.recording):
            yield moment.entry(actor, "consent.expired", user)
