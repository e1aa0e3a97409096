"""Whom a user may write to, for the lists that they choose from."""

from collections.abc import Sequence

from accounts.models import User
from accounts.services import relationships
from posts.services import conversations, messaging, searching

SHOWN = 20


def candidates(viewer: User, query: str = "", without: Sequence[int] = ()) -> list[User]:
    """Return people whom `viewer` may write to, at most SHOWN.

    Those that match `query`; without one, partners of the newest conversations and then followed
    people.
    """
    # Twice as many are looked at, because some of them take no messages from the viewer.
    if query:
        found = searching.people_named(query, viewer, SHOWN * 2)
    else:
        newest = conversations.inbox(viewer)[:SHOWN]
        partners = [conversation.other for conversation in newest if conversation.other]
        followed = User.objects.visible_to(viewer).filter(follows_received__follower=viewer)
        found = [*partners, *followed.order_by("-follows_received")[: SHOWN * 2]]
    left_out = {viewer.pk, *without}
    people = {person.pk: person for person in found if person.pk not in left_out}
    followers = relationships.followers_among(viewer.pk, list(people))
    offered = [
        person
        for person in people.values()
        if messaging.offers(person, follows_viewer=person.pk in followers)
    ]
    return offered[:SHOWN]


def named(viewer: User, handles: Sequence[str]) -> list[User]:
    """Return the people with these handles, in this order; without those hidden from `viewer`."""
    people = User.objects.visible_to(viewer).named(handles)
    known = {person.handle.lower(): person for person in people}
    wanted = [handle.lower() for handle in dict.fromkeys(handles)]
    return [known[handle] for handle in wanted if handle in known]
