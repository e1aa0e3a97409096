"""What the system takes of somebody on stage: it stays on, and others see why nothing comes."""

import pytest

from spaces.rooms import commands as c
from spaces.rooms.state import Room, Source
from tests.spaces.rooms.world import COHOST, HOST, LISTENER, SPEAKER, apply, do, live_room, refusal

TAKEN = c.ReportInterruptions((Source.SCREEN, Source.MIC))


def sharing() -> Room:
    """Return a room whose speaker talks and shows a window."""
    return do(do(live_room(), SPEAKER, c.SetMicrophone(True)), SPEAKER, c.SetScreen(True))


def interruptions(room: Room) -> tuple[Source, ...]:
    seat = room.seat_of(SPEAKER)
    assert seat
    return seat.interruptions


def test_it_tells_all_what_the_system_has_taken_and_leaves_it_on() -> None:
    room, told = apply(sharing(), SPEAKER, TAKEN)
    seat = room.seat_of(SPEAKER)
    assert seat and seat.microphone and seat.screen
    assert seat.interruptions == (Source.MIC, Source.SCREEN)
    assert [type(event).__name__ for event in told] == ["SeatChanged"]


def test_it_tells_all_when_it_is_back() -> None:
    room, told = apply(do(sharing(), SPEAKER, TAKEN), SPEAKER, c.ReportInterruptions(()))
    assert interruptions(room) == ()
    assert [type(event).__name__ for event in told] == ["SeatChanged"]


@pytest.mark.parametrize(
    "sources", [(Source.SCREEN, Source.MIC), (Source.MIC, Source.MIC, Source.SCREEN)]
)
def test_it_tells_nobody_what_all_know(sources: tuple[Source, ...]) -> None:
    room = do(sharing(), SPEAKER, TAKEN)
    after, told = apply(room, SPEAKER, c.ReportInterruptions(sources))
    assert (after.rev, told) == (room.rev, ())


def test_it_takes_nothing_for_interrupted_that_is_off() -> None:
    room = do(live_room(), SPEAKER, c.ReportInterruptions((Source.CAMERA,)))
    assert interruptions(do(room, SPEAKER, c.SetCamera(True))) == ()


@pytest.mark.parametrize(
    ("who", "command"),
    [
        (HOST, c.MuteSeat(SPEAKER)),
        (SPEAKER, c.SetMicrophone(False)),
    ],
)
def test_it_forgets_an_interruption_with_what_was_interrupted(
    who: int, command: c.RoomCommand
) -> None:
    room = do(do(sharing(), SPEAKER, TAKEN), who, command)
    assert interruptions(room) == (Source.SCREEN,)
    assert interruptions(do(room, SPEAKER, c.SetMicrophone(True))) == (Source.SCREEN,)


def test_it_forgets_a_paused_window_when_another_one_is_shown() -> None:
    room = do(do(sharing(), SPEAKER, TAKEN), COHOST, c.SetScreen(True))
    assert interruptions(do(room, SPEAKER, c.SetScreen(True))) == (Source.MIC,)


def test_it_lets_nobody_off_stage_be_interrupted() -> None:
    assert refusal(live_room(), LISTENER, TAKEN) == "not_allowed"
