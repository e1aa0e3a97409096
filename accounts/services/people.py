"""How alerts and reports speak of a person and of decisions about them, and what is kept of a
reported one.
"""

from accounts.extension_points.reports import Case, Evidence
from accounts.extension_points.things import Description
from accounts.models import Decision, User


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    """People the viewer may see, and those the viewer blocked: one often blocks first and reports
    then.
    """
    people = User.objects.visible_to(viewer).filter(pk__in=ids) | User.objects.filter(
        pk__in=ids, is_active=True, blocks_received__blocker=viewer
    )
    return {
        one.pk: Description(one.get_absolute_url(), f"{one.name} (@{one.handle}) {one.bio}".strip())
        for one in people
    }


def describe_decisions(ids: set[int], viewer: User) -> dict[int, Description]:
    """Decisions about the viewer; nobody else hears of them."""
    mine = Decision.objects.filter(pk__in=ids, person=viewer).exclude(
        action=Decision.Action.DISMISS
    )
    return {
        one.pk: Description(
            one.get_absolute_url(), one.target_text or str(one.get_action_display())
        )
        for one in mine
    }


def case() -> Case:
    """A person is suspended, which every report offers; there is nothing to remove."""
    return Case(_find, _evidence)


def _find(pk: int) -> User | None:
    found: User | None = User.objects.filter(pk=pk).first()
    return found


def _evidence(pk: int) -> Evidence:
    one = _find(pk)
    if one is None:
        return Evidence()
    facts = {
        "handle": one.handle,
        "name": one.name,
        "bio": one.bio,
        "since": one.date_joined.isoformat(),
    }
    return Evidence(facts, tuple(file for file in (one.avatar, one.header) if file))
