"""Recording, and the consent of all on stage (RULES §8).

While a room is recorded, every participant on stage has agreed or is being asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from spaces.rooms import commands
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.permissions import Privilege
from spaces.rooms.rules.context import (
    Rule,
    RuleContext,
    needs_consent,
    require,
    require_live,
    without_invitation,
    without_request,
    without_seat,
)
from spaces.rooms.state import Consent, Phase, Role, Room

BEFORE_LIVE = (Phase.SCHEDULED, Phase.GREEN)


def start(context: RuleContext, command: commands.StartRecording) -> Room:
    """Start, which asks all others on stage.

    Before the room is live it is a wish for its start.
    """
    require(context, Privilege.RECORD)
    if context.room.phase in BEFORE_LIVE:
        return replace(context.room, recording_wanted=True)
    require_live(context)
    return context.room if context.room.recording else begin(context, context.room)


def begin(context: RuleContext, room: Room) -> Room:
    """Switch recording on; `settle` asks the others."""
    # Who starts it agrees by that. Answers of a recording before this one are not taken over.
    return replace(room, recording=True, consents={context.me: Consent()})


def stop(context: RuleContext, command: commands.StopRecording) -> Room:
    require(context, Privilege.RECORD)
    return _stopped(context.room)


def give(context: RuleContext, command: commands.GiveConsent) -> Room:
    """Say yes."""
    # A yes that is a moment late counts as long as the clock has not looked.
    _check_was_asked(context)
    return with_consent(context.room, context.me)


def decline(context: RuleContext, command: commands.DeclineConsent) -> Room:
    """Say no, also after a yes: they are a listener from now on.

    If it is the host, the recording stops instead.
    """
    _check_was_asked(context)
    return _without(context.room, context.me)


def agree(room: Room, user: int, *, said: bool) -> Room:
    """Return the room with the consent that a user sends along on the way to the stage.

    Raises RoomError consent_needed if they did not and it is needed.
    """
    if not needs_consent(room, user):
        return room
    if not said:
        raise RoomError(ErrorCode.CONSENT_NEEDED)
    return with_consent(room, user)


def without_answer(room: Room, is_due: Callable[[datetime], bool]) -> Room:
    """Move down who was asked and did not answer in time."""
    # Silence is a no: nothing of a participant is recorded without a yes.
    for user, consent in room.consents.items():
        if consent.expires_at is not None and is_due(consent.expires_at):
            room = _without(room, user)
    return room


def settle(context: RuleContext, room: Room) -> Room:
    """Ask those on stage who have not said yet, and forget those who left; called after every
    change.
    """
    if not room.recording:
        return replace(room, consents={}) if room.consents else room
    on_stage = [seat.user for seat in room.seats]
    # The queue too: who agreed with a request is not asked again when it is approved.
    here = {*on_stage, *(request.user for request in room.requests)}
    kept = {user: consent for user, consent in room.consents.items() if user in here}
    asked = {
        user: Consent(context.after(context.limits.consent_s))
        for user in on_stage
        if user not in kept
    }
    consents: Mapping[int, Consent] = {**kept, **asked}
    return room if consents == room.consents else replace(room, consents=consents)


def with_consent(room: Room, user: int) -> Room:
    return replace(room, consents={**room.consents, user: Consent()})


def consented(room: Room) -> tuple[int, ...]:
    """Return who is on stage and has agreed: whose sound and picture may go into the log."""
    if not room.recording:
        return ()
    return tuple(seat.user for seat in room.seats if not needs_consent(room, seat.user))


def _stopped(room: Room) -> Room:
    # The wish too: in a green room it would begin the recording with the start all the same.
    return replace(room, recording=False, recording_wanted=False)


def _without(room: Room, user: int) -> Room:
    # Moved down, the host would leave the room without one: the recording ends instead.
    seat = room.seat_of(user)
    if seat is not None and seat.role is Role.HOST:
        return _stopped(room)
    room = without_invitation(without_request(room, user), user)
    return without_seat(room, user)


def _check_was_asked(context: RuleContext) -> None:
    if context.me not in context.room.consents:
        raise RoomError(ErrorCode.NOT_ASKED)


RULES: dict[type[commands.RoomCommand], Rule] = {
    commands.StartRecording: start,
    commands.StopRecording: stop,
    commands.GiveConsent: give,
    commands.DeclineConsent: decline,
}
