"""`Space.objects.visible_to(viewer)` the other way round: which of many users may see one Space.

Whatever staff see beyond that needs a log-in (`accounts.services.staff_logins`), and nobody who is
told of something has one here.

Ten thousand subscribers are asked about in a few queries; tests compare both answers for every kind
of viewer.
"""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Block, User
from spaces.models import Ban, Space


def users_who_may_see(space: Space, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` who are not away and may know of `space`. `space.host` is loaded."""
    wanted = set(ids)
    here = set(User.objects.not_away().filter(pk__in=wanted).values_list("pk", flat=True))
    always = here & {space.host_id}
    is_in_charge = not space.host.is_away or space.acting_host_id is not None
    is_private = space.state == Space.State.GREEN and space.scheduled_for is None
    if is_private or not is_in_charge:
        return always
    host = space.host_id
    removed = Ban.objects.filter(space=space, user__in=wanted)
    hidden = set(removed.values_list("user_id", flat=True))
    # A block hides the Space whichever of the two made it.
    between = Q(blocker=host, blocked__in=wanted) | Q(blocked=host, blocker__in=wanted)
    for blocker, blocked in Block.objects.filter(between).values_list("blocker_id", "blocked_id"):
        hidden.add(blocked if blocker == host else blocker)
    return always | (here - hidden)
