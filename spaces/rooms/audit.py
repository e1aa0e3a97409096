"""Which deeds are written to the log, and how."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import structs

from spaces.models import AuditEntry, Space
from spaces.rooms import commands
from spaces.rooms.permissions import shown_role
from spaces.rooms.state import Role, Room

ACTIONS: dict[type[commands.Command], str] = {
    commands.EditSpace: "space.edit",
    commands.MoveSpace: "space.move",
    commands.StartSpace: "space.start",
    commands.EndSpace: "space.end",
    commands.CancelSpace: "space.cancel",
    commands.UpdateRoom: "room.update",
    commands.MuteAll: "room.mute_all",
    commands.LockMicrophones: "room.lock_mics",
    commands.Remove: "room.remove",
    commands.Unban: "room.unban",
    commands.Expel: "room.put_out",
    commands.ApproveRequest: "speak.approve",
    commands.DeclineRequest: "speak.decline",
    commands.Invite: "invite.send",
    commands.MoveDown: "seat.move_down",
    commands.MuteSeat: "seat.mute",
    commands.AskToUnmute: "seat.ask_unmute",
    commands.TurnCameraOff: "seat.camera_off",
    commands.HandOver: "host.hand_over",
    commands.AcceptHost: "host.accept",
    commands.RemoveCohost: "cohost.remove",
    commands.SetSpotlight: "spotlight.set",
    commands.DeclineConsent: "consent.decline",
    commands.AddPin: "pin.add",
    commands.RemovePin: "pin.remove",
}


def write(
    space: Space,
    old: Room,
    new: Room,
    actor: commands.Actor,
    command: commands.Command,
    now: datetime,
) -> None:
    """Log a deed of host, co-host, moderator or the clock, in the transaction that did it."""
    AuditEntry.objects.bulk_create(_entries(space, old, new, actor, command, now))


def _entries(
    space: Space,
    old: Room,
    new: Room,
    actor: commands.Actor,
    command: commands.Command,
    now: datetime,
) -> Iterator[AuditEntry]:
    action = ACTIONS.get(type(command))
    if action:
        yield _entry(space, old, actor, action, _target(command), _detail(command), now)
    if isinstance(command, commands.Tick) and new.is_over:
        detail: dict[str, object] = {"reason": new.end_reason.value if new.end_reason else ""}
        yield _entry(space, old, actor, "space.end", None, detail, now)
    if new.acting_host is not None and new.acting_host != old.acting_host:
        yield _entry(space, old, commands.SYSTEM, "host.acting", new.acting_host, {}, now)
    if new.host != old.host and not isinstance(command, commands.HandOver | commands.AcceptHost):
        yield _entry(space, old, commands.SYSTEM, "host.changed", new.host, {}, now)
    yield from _of_recording(space, old, new, actor, command, now)


def _of_recording(
    space: Space,
    old: Room,
    new: Room,
    actor: commands.Actor,
    command: commands.Command,
    now: datetime,
) -> Iterator[AuditEntry]:
    """Log REC on and off, and each word on it however it was given; an answer that never came too."""
    if new.recording != old.recording:
        yield _entry(
            space,
            old,
            actor,
            "recording.start" if new.recording else "recording.stop",
            None,
            {},
            now,
        )
    for user, consent in new.consents.items():
        if consent.is_given and user not in {
            known for known, before in old.consents.items() if before.is_given
        }:
            yield _entry(space, old, commands.Actor(user), "consent.give", None, {}, now)
    if isinstance(command, commands.Tick) and not new.is_over:
        for user in [known for known, before in old.consents.items() if not before.is_given]:
            if user not in new.consents and (new.seat_of(user) is None or not new.recording):
                yield _entry(space, old, actor, "consent.expired", user, {}, now)


def _entry(
    space: Space,
    room: Room,
    actor: commands.Actor,
    action: str,
    target: int | None,
    detail: dict[str, object],
    now: datetime,
) -> AuditEntry:
    who, whom = room.people.get(actor.id or 0), room.people.get(target or 0)
    return AuditEntry(
        space=space,
        actor_id=actor.id,
        actor_handle=who.handle if who else "",
        actor_role="system" if actor.is_system else shown_role(room, actor).value,
        action=action,
        target_id=target,
        target_handle=whom.handle if whom else "",
        detail=detail,
        at=now,
    )


def _target(command: commands.Command) -> int | None:
    return command.user if isinstance(command, commands.Aimed | commands.SetSpotlight) else None


def _detail(command: commands.Command) -> dict[str, object]:
    """Return the command's own fields that were given, as JSON takes them, beside the target."""
    detail: dict[str, object] = {}
    for field in structs.fields(command):
        value = getattr(command, field.name)
        if field.name == "user":
            continue
        if isinstance(value, datetime):
            detail[field.name] = value.isoformat()
        elif isinstance(value, str | bool | int | Role | tuple):
            detail[field.name] = value
    return detail
