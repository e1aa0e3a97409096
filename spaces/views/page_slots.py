"""What Spaces put into other apps' pages.

Rooms beside them, above the home feed and on profiles, a number at the tab.
"""

from accounts.models import User
from posts.page_slots import Part
from spaces.models import Space
from spaces.services import discovery, page_rooms
from spaces.services.cards import cards_of

BESIDE = 4
ON_SHELF = 6


def search_results(query: str, viewer: User | None) -> Part | None:
    """Return rooms for the search page of the whole site.

    The Spaces tab has a search of its own that lists more.
    """
    cards = cards_of(discovery.search(query, viewer, BESIDE), viewer)
    return Part("spaces/_found.html", {"cards": cards, "query": query}) if cards else None


def live_rings() -> dict[int, str]:
    """Return all on stage in a public live room, by user id, and the room's address.

    Their avatars get a ring that leads there.
    """
    # The rings are the same for all viewers, so only what a visitor may see counts.
    spaces = Space.objects.visible_to(None).live().listed().prefetch_related("seats")
    return {
        seat.user_id: space.get_absolute_url() for space in spaces for seat in space.seats.all()
    }


# Each slot's function takes the page's viewer and the user whose profile it is, if it is one.
def live_now(viewer: User | None, subject: User | None) -> Part | None:
    cards = cards_of(discovery.live(viewer, discovery.Filters(), BESIDE))
    return Part("spaces/_live_now.html", {"cards": cards}) if cards else None


def shelf(viewer: User | None, subject: User | None) -> Part | None:
    """Return live rooms of people the viewer follows, and the viewer's own (RULES §9)."""
    if viewer is None:
        return None
    cards = cards_of(discovery.followed_live(viewer, ON_SHELF))
    return Part("spaces/_shelf.html", {"cards": cards}) if cards else None


def profile(viewer: User | None, subject: User | None) -> Part | None:
    """Return the live room a user is on stage in, else their next Space."""
    if subject is None:
        return None
    space = None
    for room in page_rooms.live_rooms(viewer):
        if any(seat.user_id == subject.pk for seat in room.seats.all()):
            space = room
            break
    space = space or page_rooms.next_of(viewer, subject)
    if space is None:
        return None
    return Part("spaces/_profile.html", {"card": cards_of([space], viewer)[0]})


def nav_badge(viewer: User | None, subject: User | None) -> Part | None:
    """Return how many rooms with people the viewer follows are live; nothing for visitors."""
    if viewer is None:
        return None
    # An annotation, of which the model's type knows nothing.
    count = sum(1 for room in page_rooms.live_rooms(viewer) if vars(room)["is_followed"])
    return Part("spaces/_nav_badge.html", {"count": count}) if count else None
