"""A link to a Space anywhere is a live card (RULES §2)."""

import re
from dataclasses import dataclass

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from spaces.models import Recording, Seat, Space
from spaces.models.space import BASE58, PUBLIC_ID_CHARS
from spaces.services import page_rooms, presence_store, reminders
from spaces.services.reminders import BEFORE_START

PATTERN = re.compile(rf"/spaces/([{BASE58}]{{{PUBLIC_ID_CHARS}}})/?")
TEMPLATE = "spaces/_card.html"
FACES = 5


RANK: dict[str, int] = {Seat.Role.HOST: 0, Seat.Role.COHOST: 1, Seat.Role.SPEAKER: 2}


@dataclass(frozen=True)
class SpaceCard:
    """What `spaces/_card.html` draws; it must not query.

    `stage` is in stage order, `listeners` is 0 unless live. `reminder` is what the viewer chose
    before the start: "", "on" or "early"; `waiting` is how many want to be told, for the host
    alone. `has_replay`: the viewer can watch it again.
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
    """Return a link card for each Space in `public_ids` that the viewer may see.

    A few queries and one of Redis for all.
    """
    spaces = list(page_rooms.by_public_id(viewer, public_ids).values())
    cards = cards_of(spaces, viewer)
    return {card.space.public_id: LinkCard(TEMPLATE, {"card": card}) for card in cards}


def cards_of(spaces: list[Space], viewer: User | None = None) -> list[SpaceCard]:
    """Return cards in the same order. `spaces` come from `.with_people()`."""
    live = [space.public_id for space in spaces if space.state == Space.State.LIVE]
    people = presence_store.counts(live)
    ahead = [space for space in spaces if space.state in BEFORE_START]
    waiting: dict[int, int] = {}
    choices: dict[int, str] = {}
    if viewer is not None:
        # Hosts see how many wait for them, other users what they chose.
        own = [space for space in ahead if space.host_id == viewer.pk]
        waiting = reminders.waiting_counts(own)
        others = [space for space in ahead if space.host_id != viewer.pk]
        choices = reminders.choices_of(viewer, others)
    ended = [space.pk for space in spaces if space.state == Space.State.ENDED]
    replays: set[int] = set()
    if ended:  # Most pages show none, and need no query.
        ready = Recording.objects.ready().visible_to(viewer).filter(space__in=ended)
        replays = set(ready.values_list("space_id", flat=True))
    cards = []
    for space in spaces:
        seats = sorted(space.seats.all(), key=lambda seat: (RANK[seat.role], seat.order))
        connected = sum(1 for seat in seats if seat.presence != Seat.Presence.LOST)
        card = SpaceCard(
            space=space,
            host=space.host,
            topics=[topic.name for topic in space.topics.all()],
            # The rest is a number on the card.
            stage=seats[:FACES],
            more_on_stage=max(0, len(seats) - FACES),
            # Presence counts the stage too, and may be older than the seats.
            listeners=max(0, people.get(space.public_id, 0) - connected),
            reminder=choices.get(space.pk, ""),
            waiting=waiting.get(space.pk, 0),
            has_replay=space.pk in replays,
        )
        cards.append(card)
    return cards
