"""`Space.objects.visible_to(viewer)` the other way round: which of many people may see one Space.

Ten thousand subscribers are asked about in a few queries; tests compare both answers for every kind
of viewer.
"""

from collections.abc import Iterable

from django.db.models import Q

from accounts.models import Block, User
from spaces.models import Ban, Space


def seers_among(space: Space, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` who are active and may know of `space`. `space.host` is loaded."""
    wanted = set(ids)
    people = dict(User.objects.filter(pk__in=wanted, is_active=True).values_list("pk", "is_staff"))
    staff = {pk for pk, is_staff in people.items() if is_staff}
    is_in_charge = space.host.is_active or space.acting_host_id is not None
    if not is_in_charge or (space.state == Space.State.GREEN and space.scheduled_for is None):
        return staff | ({space.host_id} & set(people))
    hidden = _across_a_block(space.host_id, wanted) | _removed(space, wanted)
    return {pk for pk in people if pk == space.host_id or pk in staff or pk not in hidden}


def _across_a_block(host: int, ids: set[int]) -> set[int]:
    rows = Block.objects.filter(Q(blocker=host, blocked__in=ids) | Q(blocked=host, blocker__in=ids))
    return {
        pk for pair in rows.values_list("blocker_id", "blocked_id") for pk in pair if pk != host
    }


def _removed(space: Space, ids: set[int]) -> set[int]:
    return set(Ban.objects.filter(space=space, user__in=ids).values_list("user_id", flat=True))
