"""Which Spaces lists may show to a viewer; the lists add filters and order."""

from accounts.models import User
from spaces.models import Recording, Space, SpaceQuerySet


def live_for(viewer: User | None) -> SpaceQuerySet:
    """Return rooms with a host or acting host that the viewer may enter.

    Every list of live rooms begins here.
    """
    rooms: SpaceQuerySet = Space.objects.visible_to(viewer).live().listed().open_to(viewer)
    return rooms


def upcoming_for(viewer: User | None) -> SpaceQuerySet:
    spaces: SpaceQuerySet = Space.objects.visible_to(viewer).upcoming().open_to(viewer)
    return spaces


def replays_for(viewer: User | None) -> SpaceQuerySet:
    """Return Spaces whose replay the viewer may watch.

    Lists of replays ask with None for what is public.
    """
    ready = Recording.objects.ready().visible_to(viewer)
    spaces: SpaceQuerySet = Space.objects.visible_to(viewer)
    return spaces.filter(state=Space.State.ENDED, recording__in=ready)
