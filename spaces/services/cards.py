"""A link to a Space anywhere is a live card (RULES §2)."""

import re
from dataclasses import dataclass

from accounts.models import User
from posts.cards import Card
from spaces.models import Seat, Space
from spaces.models.space import BASE58, PUBLIC_ID_CHARS
from spaces.services import audience

PATTERN = re.compile(rf"/spaces/([{BASE58}]{{{PUBLIC_ID_CHARS}}})/?")
TEMPLATE = "spaces/_card.html"
FACES = 5


@dataclass(frozen=True)
class SpaceCard:
    """What `spaces/_card.html` draws; it must not query. `stage` is in stage order, `listeners` is 0 unless live."""

    space: Space
    host: User
    topics: list[str]
    stage: list[Seat]
    more_on_stage: int
    listeners: int


def resolve(public_ids: list[str], viewer: User | None) -> dict[str, Card]:
    """Return a card for each Space in `public_ids` that the viewer may see. Three queries and one of Redis for all."""
    spaces = Space.objects.filter(public_id__in=public_ids).visible_to(viewer).with_people()
    return {card.space.public_id: Card(TEMPLATE, {"card": card}) for card in cards_of(list(spaces))}


def cards_of(spaces: list[Space]) -> list[SpaceCard]:
    """Return cards in the same order. `spaces` come from `.with_people()`."""
    live = [space.public_id for space in spaces if space.state == Space.State.LIVE]
    counts = audience.counts(live)
    return [_card(space, counts.get(space.public_id, 0)) for space in spaces]


def _card(space: Space, people: int) -> SpaceCard:
    seats = sorted(space.seats.all(), key=lambda seat: (_RANK[seat.role], seat.order))
    here = sum(1 for seat in seats if seat.presence != Seat.Presence.LOST)
    return SpaceCard(
        space=space,
        host=space.host,
        topics=[topic.name for topic in space.topics.all()],
        stage=seats[:FACES],
        more_on_stage=max(0, len(seats) - FACES),
        listeners=max(0, people - here),
    )


_RANK: dict[str, int] = {Seat.Role.HOST: 0, Seat.Role.COHOST: 1, Seat.Role.SPEAKER: 2}
