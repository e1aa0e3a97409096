"""What happened outside of the room: to people, to pinned posts, to log-ins."""

from dataclasses import replace
from datetime import timedelta

from spaces.rooms import commands, events, outside
from spaces.rooms.actor import Actor
from spaces.rooms.errors import RoomError
from spaces.rooms.rules.context import (
    Rule,
    RuleContext,
    silenced,
    with_seat,
    without_invitation,
    without_request,
)
from spaces.rooms.rules.lifecycle import check_may_enter
from spaces.rooms.rules.moderation import put_out
from spaces.rooms.state import Presence, Role, Room


def refresh(context: RuleContext, command: outside.Refresh) -> Room:
    """Tell what the room shows of people and pins now.

    Nothing of it is stored in the room, so `diff` finds no difference, and `rev` grows here. Who
    was let in as staff alone, and is staff no more, is taken out.
    """
    room = context.room
    for user in sorted(command.people):
        person = room.people.get(user)
        # Who is away or gone is not shown again; `Expel` takes them out.
        if person is None or person.is_away:
            continue
        context.told_once.append(events.PersonChanged(user=user))
        if _may_stay(context, user):
            context.told_once.append(events.MeChanged(to=user))
        else:
            context.told_once.append(events.Removed(to=user))
            room = put_out(context, room, user)
    if command.pins:
        context.told_once.append(events.PinsChanged())
    return replace(room, rev=room.rev + 1) if context.told_once else room


def _may_stay(context: RuleContext, user: int) -> bool:
    person = Actor(user, is_staff=True).as_of(context.room)
    try:
        check_may_enter(replace(context, actor=person))
    except RoomError:
        return False
    return True


def lose_login(context: RuleContext, command: outside.LoseLogin) -> Room:
    """Free what this page held, as if it had left.

    The seat of a host of a live room waits as that of one who is lost (RULES §6), but silent from
    now on.
    """
    room, user = context.room, command.user
    seat = room.seat_of(user)
    # Another device of theirs sits there by now. A seat that was taken since a page joined has no
    # word of it.
    if seat is not None and seat.page not in ("", command.page):
        return room
    if seat is None or seat.role is not Role.HOST:
        return put_out(context, room, user)
    away = timedelta(seconds=context.limits.gone_after_s)
    lost = replace(
        silenced(seat),
        presence=Presence.LOST,
        lost_at=context.now,
        # Else the next look of the clock would call them here by a join of a moment ago.
        seen_at=min(seat.seen_at, context.now - away),
    )
    return with_seat(without_invitation(without_request(room, user), user), lost)


RULES: dict[type[commands.RoomCommand], Rule] = {
    outside.Refresh: refresh,
    outside.LoseLogin: lose_login,
}
