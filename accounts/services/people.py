"""How alerts and reports speak of a person."""

from accounts.models import User
from accounts.targets import Description


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    """People the viewer may see, and those the viewer blocked: one often blocks first and reports then."""
    people = User.objects.visible_to(viewer).filter(pk__in=ids) | User.objects.filter(
        pk__in=ids, is_active=True, blocks_received__blocker=viewer
    )
    return {
        one.pk: Description(one.get_absolute_url(), f"{one.name} (@{one.handle}) {one.bio}".strip()) for one in people
    }
