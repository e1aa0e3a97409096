"""What Spaces put into other apps' pages: rooms beside them, on the shelf and on profiles, a number
at the tab.
"""

from accounts.models import User
from posts.page_slots import Part
from spaces.models import Space
from spaces.services import discovery, page_rooms
from spaces.services.cards import cards_of

BESIDE = 4
ON_SHELF = 6


def found(query: str, viewer: User | None) -> Part | None:
    """Rooms on the search page of the whole site; the Spaces tab has a search of its own that lists
    more.
    """
    cards = cards_of(discovery.search(query, viewer, BESIDE), viewer)
    return Part("spaces/_found.html", {"cards": cards, "query": query}) if cards else None


def on_stage() -> dict[int, str]:
    """Everybody on stage in a public live room, and the room's address: their faces get a ring."""
    spaces = Space.objects.visible_to(None).live().listed().prefetch_related("seats")
    return {
        seat.user_id: space.get_absolute_url() for space in spaces for seat in space.seats.all()
    }


def live_now(viewer: User | None, subject: User | None) -> Part | None:
    cards = cards_of(discovery.live(viewer, discovery.Filters(), BESIDE))
    return Part("spaces/_live_now.html", {"cards": cards}) if cards else None


def on_shelf(viewer: User | None, subject: User | None) -> Part | None:
    """Live rooms of people the viewer follows, and those they host themselves (RULES §9)."""
    if viewer is None:
        return None
    cards = cards_of(discovery.followed_live(viewer, ON_SHELF))
    return Part("spaces/_shelf.html", {"cards": cards}) if cards else None


def on_profile(viewer: User | None, subject: User | None) -> Part | None:
    """The live room a person is on stage in, else their next Space."""
    if subject is None:
        return None
    live = page_rooms.live_rooms(viewer)
    space = next(
        (room for room in live if any(seat.user_id == subject.pk for seat in room.seats.all())),
        None,
    )
    space = space or page_rooms.next_of(viewer, subject)
    return Part("spaces/_profile.html", {"card": cards_of([space], viewer)[0]}) if space else None


def badge(viewer: User | None, subject: User | None) -> Part | None:
    """How many rooms with people the viewer follows are live; nothing for visitors."""
    if viewer is None:
        return None
    count = sum(1 for room in page_rooms.live_rooms(viewer) if vars(room)["is_followed"])
    return Part("spaces/_nav_badge.html", {"count": count}) if count else None
