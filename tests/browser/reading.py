"""Captions as they stand on a screen, and how much of them is right."""

import json
from pathlib import Path
from typing import Any

from tests.browser.people import Person
from tests.browser.voices import Voice
from tests.media_relay.egress.studio import word_errors

SPEECH = Path(__file__).parent.parent / "media_relay" / "egress" / "voices"
SENTENCES: dict[str, str] = json.loads((SPEECH / "sentences.json").read_text())
PAUSE_S = 2.0  # Between one time and the next, so that the sentence ends.
MOST_PIECES = 2  # A stall of the machine may cut a sentence in two.


def speaking(name: str, colour: tuple[int, int, int]) -> Voice:
    """Return the voice that says one of the recorded sentences over and over."""
    return Voice(f"says-{name}", 0, colour, speech=SPEECH / f"{name}.wav", pause_s=PAUSE_S)


def lines(viewer: Person) -> list[dict[str, Any]]:  # Any: as the page has it.
    found: list[dict[str, Any]] = viewer.ask("() => window.parley.room?.state?.lines ?? []")
    return found


def lines_of(viewer: Person, speaker: Person, after: int = 0) -> list[str]:
    """Return the finished lines under somebody's name, beginning with line `after` of all."""
    who = speaker.user_id()
    return [
        line["text"]
        for line in lines(viewer)[after:]
        if line["participant"] == who and line["final"]
    ]


def least_errors(said: str, finals: list[str]) -> float:
    """Return the word error rate of the best whole time it was said; the others begin or end where
    nobody listened.
    """
    times = [
        finals[at : at + pieces]
        for pieces in range(1, MOST_PIECES + 1)
        for at in range(len(finals))
    ]
    return min((word_errors(said, " ".join(pieces)) for pieces in times), default=1.0)


def reads(
    viewer: Person, speaker: Person, said: str, most_errors: float, seconds: float, after: int = 0
) -> float:
    """Wait until the sentence stands under the speaker's name with few enough errors; return how
    many there are.
    """

    def errors() -> float:
        return least_errors(said, lines_of(viewer, speaker, after))

    def what() -> str:
        return f"{said!r} of {speaker.handle}: {errors():.2f} wrong in {lines_of(viewer, speaker, after)}"

    try:
        viewer.until(lambda: errors() <= most_errors, said, seconds)
    except AssertionError as error:
        raise AssertionError(what()) from error
    return errors()


def first_words_after(viewer: Person, speaker: Person, seconds: float) -> list[float]:
    """Return for each time the speaker began how long it took to the first words on the screen, if
    it was `seconds`.

    The speaker's page must follow its own voice. Both pages are of one machine and share its clock.
    """
    began: list[float] = speaker.ask("() => window.ownVoiceBegan()")
    who = speaker.user_id()
    words = [one for one in viewer.heard("caption") if one["participant"] == who and one["text"]]
    first_of: dict[str, float] = {}
    for one in words:
        first_of.setdefault(one["id"], one["heard_at_ms"])
    waits = [
        min((at - start for at in first_of.values() if at > start), default=None) for start in began
    ]
    return [wait / 1000 for wait in waits if wait is not None and wait <= seconds * 1000]
