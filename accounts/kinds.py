"""The kinds of things that accounts declares: people, and decisions of staff."""

from accounts.extension_points.data_export import Export
from accounts.extension_points.kinds import (
    NO_EVIDENCE,
    Description,
    Evidence,
    Moderation,
    ThingKind,
)
from accounts.models import Decision, User
from accounts.services import account_data


def describe_people(ids: set[int], viewer: User) -> dict[int, Description]:
    """Describe people the viewer may see, and those the viewer blocked.

    One often blocks first and reports then.
    """
    visible = User.objects.visible_to(viewer).filter(pk__in=ids)
    blocked = User.objects.not_away().filter(pk__in=ids, blocks_received__blocker=viewer)
    return {
        person.pk: Description(
            person.get_absolute_url(), f"{person.name} (@{person.handle}) {person.bio}".strip()
        )
        for person in visible | blocked
    }


def find_person(pk: int) -> User | None:
    found: User | None = User.objects.filter(pk=pk).first()
    return found


def evidence_of_person(pk: int) -> Evidence:
    person = find_person(pk)
    if person is None:
        return NO_EVIDENCE
    facts = {
        "handle": person.handle,
        "name": person.name,
        "bio": person.bio,
        "since": person.date_joined.isoformat(),
    }
    pictures = tuple(file for file in (person.avatar, person.header) if file)
    return Evidence(facts, pictures)


PERSON = ThingKind(
    "person",
    describe=describe_people,
    # A person is suspended, which every report offers; there is nothing to remove.
    moderation=Moderation(find_person, evidence_of_person, actions={}),
    compose=None,
    export=Export("account", account_data.collect),
    link_cards=None,
)


def describe_decisions(ids: set[int], viewer: User) -> dict[int, Description]:
    """Describe decisions about the viewer; those about other users are left out."""
    own = Decision.objects.filter(pk__in=ids, person=viewer)
    own = own.exclude(action__in=Decision.AMONG_STAFF)
    return {
        decision.pk: Description(
            decision.get_absolute_url(),
            decision.target_text or str(decision.get_action_display()),
        )
        for decision in own
    }


DECISION = ThingKind(
    "decision",
    describe=describe_decisions,
    moderation=None,  # It is answered by an appeal.
    compose=None,
    export=None,
    link_cards=None,
)
