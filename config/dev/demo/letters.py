"""What the people of the demo write to each other in private."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoConversation:
    """Of two people, or with a `name` a group that the first one made. Lines: who, how many minutes
    ago, what.

    `read_by` have seen all of it.
    """

    people: str
    lines: tuple[tuple[str, int, str], ...]
    read_by: str = ""
    name: str = ""


CONVERSATIONS = (
    DemoConversation(
        "alice bob",
        (
            ("bob", 190, "Are you free around eight? We lost a speaker."),
            ("alice", 186, "Yes! I only have my phone though."),
            ("alice", 186, "Is that all right with the camera?"),
            ("bob", 181, "Phone is perfect. Wear something that is not green."),
            ("alice", 178, "Putting the kettle on, then I come up."),
        ),
        read_by="alice bob",
    ),
    DemoConversation(
        "eka citra dave alice",
        (
            ("eka", 95, "Saturday at mine. Who brings the chillies?"),
            ("citra", 92, "I do, the small ones."),
            ("dave", 90, "Bread from me. Do not laugh."),
            ("eka", 61, "Nobody laughs at bread here."),
        ),
        read_by="eka citra dave",
        name="Sambal crew",
    ),
    DemoConversation(
        "carol alice",
        (("carol", 26, "Your post about the quietest room: I may know one."),),
        read_by="carol",
    ),
)
