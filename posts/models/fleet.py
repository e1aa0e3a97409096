"""A Fleet: a text, a picture or both, for a day; without likes, reposts or public replies."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, Follow, Mute, User
from accounts.models.user import not_away
from config.db import columns
from config.db.clock import Now
from config.db.text_fields import LinesField
from config.limits import LIMITS
from posts.models.attachment import ALT_CHARS


# Migration 0005 names this function, so it stays here.
def _end_of_life() -> datetime:
    return timezone.now() + timedelta(seconds=LIMITS.fleet_life_s)


class FleetQuerySet(models.QuerySet["Fleet"]):
    def alive(self) -> Self:
        return self.filter(expires_at__gt=Now())

    def visible_to(self, viewer: User | None) -> Self:
        """Leave out Fleets that the viewer may not see; pages, API, cards and reports ask here.

        Hidden are those whose day is over, those of users who are away, those across a block, and
        those for followers (all of a protected author) from everybody who does not follow.
        """
        fleets = self.alive().filter(not_away("author"))
        is_open = Q(audience=Fleet.Audience.PUBLIC, author__is_protected=False)
        if viewer is None or not viewer.pk:
            return fleets.filter(is_open)
        followed = Follow.objects.filter(follower=viewer).values("followed")
        fleets = fleets.filter(is_open | Q(author=viewer) | Q(author__in=followed))
        fleets = fleets.exclude(author__in=Block.objects.filter(blocker=viewer).values("blocked"))
        return fleets.exclude(author__in=Block.objects.filter(blocked=viewer).values("blocker"))

    def without_muted(self, viewer: User | None) -> Self:
        if viewer is None:
            return self
        return self.exclude(author__in=Mute.objects.filter(muter=viewer).values("muted"))

    def with_seen_by(self, viewer: User | None) -> Self:
        """Add `is_seen`. The viewer's own count as seen; a visitor has seen none."""
        if viewer is None or not viewer.pk:
            return self.annotate(is_seen=Value(False))
        looked = FleetView.objects.filter(fleet=OuterRef("pk"), viewer=viewer)
        return self.annotate(is_seen=Exists(looked) | Q(author=viewer))

    def with_seen_count(self, author: User | None) -> Self:
        """Add `seen_count`: as many as `posts.services.fleets.seen_by` lists for `author`."""
        people = User.objects.visible_to(author).values("pk")
        return self.annotate(seen_count=Count("views", filter=Q(views__viewer__in=people)))


class Fleet(models.Model):
    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everybody")
        FOLLOWERS = "followers", _("My followers")

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="fleets")
    text = LinesField(max_length=columns.TEXT_CHARS, blank=True)
    # Files have no address of their own: a view asks who looks, each time.
    picture = models.FileField(upload_to="fleets/", blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    is_moving = models.BooleanField(default=False, db_default=False)
    alt = LinesField(max_length=ALT_CHARS, blank=True)
    audience = models.CharField(max_length=9, choices=Audience, default=Audience.PUBLIC)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=_end_of_life)

    # The manager has the methods of the query set.
    objects: ClassVar[FleetQuerySet] = FleetQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(picture=""), name="posts_fleet_says_something"
            )
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="posts_fleets_ending"),
            models.Index(fields=["author", "id"], name="posts_fleets_by_author"),
        ]

    def __str__(self) -> str:
        return f"Fleet {self.pk} of {self.author_id}"

    def get_absolute_url(self) -> str:
        return reverse("posts:fleet", args=[self.pk])

    @property
    def is_for_followers(self) -> bool:
        return self.audience == self.Audience.FOLLOWERS

    @property
    def picture_url(self) -> str:
        """The address of the picture, for those who may see the Fleet; empty if it has none."""
        return reverse("posts:fleet_picture", args=[self.pk]) if self.picture else ""

    @property
    def still_url(self) -> str:
        """The same, standing still."""
        return f"{self.picture_url}?still"


class FleetView(models.Model):
    """Who has seen a Fleet; its author alone reads this. Gone with the Fleet."""

    fleet = models.ForeignKey(Fleet, models.CASCADE, related_name="views")
    viewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fleet", "viewer"], name="posts_fleet_seen_once")
        ]

    def __str__(self) -> str:
        return f"{self.viewer_id} saw {self.fleet_id}"
