"""A link to a Space anywhere is a live card (RULES §2)."""

import re
from dataclasses import dataclass, replace

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from spaces.models import Recording, Seat, Space
from spaces.models.space import BASE58, PUBLIC_ID_CHARS
from spaces.services import page_rooms, presence_store, reminders
from spaces.services.reminders import BEFORE_START

PATTERN = re.compile(rf"/spaces/([{BASE58}]{{{PUBLIC_ID_CHARS}}})/?")
TEMPLATE = "spaces/_card.html"
FACES = 5


@dataclass(frozen=True)
class SpaceCard:
    """What `spaces/_card.html` draws; it must not query. `stage` is in stage order, `listeners` is
    0 unless live.

    `reminder` is what the viewer chose before the start: "", "on" or "early"; `waiting` is how many
    want to be told, for the host alone. `has_replay`: the viewer can watch it again.
    """

    space: Space
    host: User
    topics: list[str]
    stage: list[Seat]
    more_on_stage: int
    listeners: int
    reminder: str = ""
    waiting: int = 0
    has_replay: bool = False


def resolve(public_ids: list[str], viewer: User | None) -> dict[str, LinkCard]:
    """Return a card for each Space in `public_ids` that the viewer may see.

    A few queries and one of Redis for all.
    """
    spaces = page_rooms.by_public_id(viewer, public_ids).values()
    return {
        card.space.public_id: LinkCard(TEMPLATE, {"card": card})
        for card in cards_of(list(spaces), viewer)
    }


def cards_of(spaces: list[Space], viewer: User | None = None) -> list[SpaceCard]:
    """Return cards in the same order. `spaces` come from `.with_people()`."""
    live = [space.public_id for space in spaces if space.state == Space.State.LIVE]
    counts = presence_store.counts(live)
    waiting, chosen = _wishes([space for space in spaces if space.state in BEFORE_START], viewer)
    replays = _with_replay(spaces, viewer)
    return [
        replace(
            _card(
                space,
                counts.get(space.public_id, 0),
                chosen.get(space.pk, ""),
                waiting.get(space.pk, 0),
            ),
            has_replay=space.pk in replays,
        )
        for space in spaces
    ]


def _wishes(ahead: list[Space], viewer: User | None) -> tuple[dict[int, int], dict[int, str]]:
    """Return how many wait for the viewer's own Spaces, and what the viewer chose for others; asked
    for only of those that did not bring it along (`glance`).
    """
    own = {
        space.pk: vars(space).get("waiting_count") or 0
        for space in ahead
        if viewer and space.host_id == viewer.pk
    }
    others = (
        {space.pk: reminders.known_choice(space) for space in ahead if space.pk not in own}
        if viewer
        else {}
    )
    unknown = [space.pk for space in ahead if reminders.known_choice(space) is None]
    asked_own = [pk for pk in unknown if pk in own]
    asked = [pk for pk in unknown if pk in others]
    waiting = own | (reminders.counts(asked_own) if asked_own else {})
    chosen = {pk: choice for pk, choice in others.items() if choice}
    return waiting, chosen | (reminders.chosen(viewer, asked) if viewer and asked else {})


def _with_replay(spaces: list[Space], viewer: User | None) -> set[int]:
    """Return which of them the viewer can watch again; no query where none has ended."""
    ended = [space.pk for space in spaces if space.state == Space.State.ENDED]
    if not ended:
        return set()
    ready = Recording.objects.ready().visible_to(viewer).filter(space__in=ended)
    return set(ready.values_list("space_id", flat=True))


def _card(space: Space, people: int, reminder: str, waiting: int) -> SpaceCard:
    seats = sorted(space.seats.all(), key=lambda seat: (_RANK[seat.role], seat.order))
    here = sum(1 for seat in seats if seat.presence != Seat.Presence.LOST)
    return SpaceCard(
        space=space,
        host=space.host,
        topics=[topic.name for topic in space.topics.all()],
        stage=seats[:FACES],
        more_on_stage=max(0, len(seats) - FACES),
        listeners=max(0, people - here),
        reminder=reminder,
        waiting=waiting,
    )


_RANK: dict[str, int] = {Seat.Role.HOST: 0, Seat.Role.COHOST: 1, Seat.Role.SPEAKER: 2}
