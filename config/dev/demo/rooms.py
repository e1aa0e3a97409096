"""Spaces to come, so that the Spaces tab and the cards have something to show."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoRoom:
    """A Space that is scheduled `days` ahead at `hour` o'clock where its host lives."""

    key: str
    host: str
    title: str
    topics: tuple[str, ...]
    days: int
    hour: int
    language: str = "en"
    speak_rule: str = "invited"
    video: bool = True


ROOMS = (
    DemoRoom("river", "maya", "How we got our river back", ("Environment",), days=2, hour=20),
    DemoRoom(
        "sambal",
        "citra",
        "Open kitchen: sambal, four ways",
        ("Food",),
        days=1,
        hour=19,
        speak_rule="everyone",
    ),
    DemoRoom(
        "gamelan",
        "dewa",
        "Gamelan for beginners, ears only",
        ("Music",),
        days=4,
        hour=20,
        language="id",
        video=False,
    ),
    DemoRoom(
        "rust",
        "lukas",
        "Rust for web people, week 7",
        ("Technology",),
        days=5,
        hour=18,
        speak_rule="followed",
    ),
)
