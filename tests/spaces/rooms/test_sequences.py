"""The sequences that the page's reducer is tried with."""

from tests.spaces.rooms.sequences import FIXTURE, packed, recorded

NEEDED = {
    "seat.changed",
    "seat.removed",
    "space.changed",
    "me.changed",
    "request.added",
    "request.removed",
    "requests.changed",
    "host.changed",
    "host.lost",
    "pin.added",
    "pin.removed",
    "pins.changed",
    "person.changed",
    "invitation.received",
    "rev",
}


def test_it_is_what_the_server_sends_today() -> None:
    sequences = recorded()
    sent = {message["type"] for sequence in sequences for message in sequence.messages}
    assert sent >= NEEDED, "Every event that changes a snapshot is tried."
    assert FIXTURE.read_text() == packed(sequences), (
        "Run `python -m tests.spaces.rooms.sequences`, and see whether the page can fold it."
    )
