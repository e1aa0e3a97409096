"""What alerts and reports say about a Space (see `accounts.targets`)."""

from accounts.models import User
from accounts.targets import Description
from spaces.models import Space


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    """Return address and title of those Spaces that the viewer may see."""
    spaces = Space.objects.filter(pk__in=ids).visible_to(viewer).only("public_id", "title")
    return {space.pk: Description(space.get_absolute_url(), space.title) for space in spaces}
