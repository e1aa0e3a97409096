"""What Spaces put into other apps' pages: rooms beside them, on the shelf and on profiles, a number at the tab."""

from django.db.models import Q

from accounts import rings, targets
from accounts.models import Follow, User
from accounts.targets import Description
from posts import shelf
from posts.shelf import Part
from spaces.models import Space, SpaceQuerySet
from spaces.services.cards import cards_of

BESIDE = 4
ON_SHELF = 6


def register() -> None:
    """Called once, from AppConfig.ready()."""
    shelf.register("live_now", live_now)
    shelf.register("shelf", on_shelf)
    shelf.register("profile", on_profile)
    shelf.register("nav_badge", badge)
    rings.register(on_stage)
    targets.register("space", describe)


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    """Say what reports and alerts about a Space are about."""
    spaces = Space.objects.filter(pk__in=ids).visible_to(viewer).select_related("host")
    return {space.pk: Description(space.get_absolute_url(), f"{space.title} ({space.host})") for space in spaces}


def on_stage() -> dict[int, str]:
    """Everybody on stage in a public live room, and the room's address: their faces get a ring."""
    spaces = _live(None).prefetch_related("seats")
    return {seat.user_id: space.get_absolute_url() for space in spaces for seat in space.seats.all()}


def live_now(viewer: User | None, subject: User | None) -> Part | None:
    cards = cards_of(list(_live(viewer).with_people().order_by("-started_at")[:BESIDE]))
    return Part("spaces/_live_now.html", {"cards": cards}) if cards else None


def on_shelf(viewer: User | None, subject: User | None) -> Part | None:
    """Live rooms of people the viewer follows, and those they host themselves (RULES §9)."""
    if viewer is None:
        return None
    followed = Follow.objects.filter(follower=viewer).values("followed")
    spaces = _live(viewer).filter(Q(host__in=followed) | Q(seats__user__in=followed) | Q(host=viewer)).distinct()
    cards = cards_of(list(spaces.with_people().order_by("-started_at")[:ON_SHELF]))
    return Part("spaces/_shelf.html", {"cards": cards}) if cards else None


def on_profile(viewer: User | None, subject: User | None) -> Part | None:
    """The live room a person is on stage in, else their next Space."""
    if subject is None:
        return None
    space = _live(viewer).filter(seats__user=subject).with_people().first()
    if space is None:
        mine = Space.objects.visible_to(viewer).upcoming().filter(host=subject)
        space = mine.with_people().order_by("scheduled_for").first()
    return Part("spaces/_profile.html", {"card": cards_of([space])[0]}) if space else None


def badge(viewer: User | None, subject: User | None) -> Part | None:
    """How many rooms with people the viewer follows are live; nothing for visitors."""
    if viewer is None:
        return None
    followed = Follow.objects.filter(follower=viewer).values("followed")
    count = _live(viewer).filter(host__in=followed).count()
    return Part("spaces/_nav_badge.html", {"count": count}) if count else None


def _live(viewer: User | None) -> SpaceQuerySet:
    live: SpaceQuerySet = Space.objects.visible_to(viewer).live().listed()
    return live
