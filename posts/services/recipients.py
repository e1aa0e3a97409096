"""Whom somebody may write to, for the lists that people choose from."""

from collections.abc import Sequence

from accounts.models import User
from accounts.services import relationships
from posts.services import conversations, messaging, searching

SHOWN = 20


def candidates(viewer: User, query: str = "", without: Sequence[int] = ()) -> list[User]:
    """Return people whom `viewer` may write to: those that match `query`, or the ones they talk to
    and follow.
    """
    found = searching.people(query, viewer, SHOWN * 2) if query.strip() else _known(viewer)
    left_out = {viewer.pk, *without}
    people = [person for person in found if person.pk not in left_out]
    followers = relationships.followers_among(viewer.pk, [person.pk for person in people])
    return [
        person
        for person in people
        if messaging.offers(person, follows_viewer=person.pk in followers)
    ][:SHOWN]


def _known(viewer: User) -> list[User]:
    """Partners of the newest conversations first, then followed people; none twice."""
    partners = [
        conversation.other
        for conversation in conversations.inbox(viewer)[:SHOWN]
        if conversation.other
    ]
    follows = (
        User.objects.visible_to(viewer)
        .filter(follows_received__follower=viewer)
        .order_by("-follows_received")
    )
    return list({person.pk: person for person in [*partners, *follows[: SHOWN * 2]]}.values())


def named(viewer: User, handles: Sequence[str]) -> list[User]:
    """Return the people of these handles, in this order; those the viewer may not see are left out."""
    known = {
        person.handle.lower(): person for person in User.objects.visible_to(viewer).named(handles)
    }
    return [known[handle.lower()] for handle in dict.fromkeys(handles) if handle.lower() in known]
