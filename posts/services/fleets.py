"""Publish a Fleet, look at it, delete it; sweep those whose day is over."""

import secrets

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import pictures
from accounts.models import Decision, User
from accounts.moderation import decisions
from config.limits import LIMITS
from config.text import lines
from posts import files
from posts.models import Fleet, FleetView
from posts.models.attachment import ALT_CHARS
from posts.services import fleet_row
from posts.services.posting import Picture

FOLDER = "fleets"
SWEPT_AT_ONCE = 500  # Files and rows of one round; the next comes in seconds.


@transaction.atomic
def publish(author: User, text: str, picture: Picture | None, audience: Fleet.Audience) -> Fleet:
    """Show `author`'s text, picture or both for a day.

    Raises ValidationError with code "empty", "too_long" or "too_many".
    """
    words = lines(text)
    if not words and picture is None:
        raise ValidationError(_("Write something or add a picture."), code="empty")
    if len(words) > LIMITS.fleet_chars:
        message = _("A Fleet has at most %(max)d characters; this has %(length)d.")
        values = {"max": LIMITS.fleet_chars, "length": len(words)}
        raise ValidationError(message % values, code="too_long")
    if Fleet.objects.alive().filter(author=author).count() >= LIMITS.fleets_alive:
        message = _("You have %(max)d Fleets up. Take one down first.")
        raise ValidationError(message % {"max": LIMITS.fleets_alive}, code="too_many")
    fleet = Fleet(author=author, text=words, audience=audience)
    if picture:
        fleet.width, fleet.height = pictures.size_of(picture.webp)
        fleet.is_moving = pictures.is_moving(picture.webp)
        fleet.alt = lines(picture.alt)[:ALT_CHARS]
        name = f"{secrets.token_urlsafe(16)}.webp"
        fleet.picture.save(name, ContentFile(picture.webp), save=False)
    fleet.save()
    # Earlier, a viewer could fill the cache again with what stood before the commit.
    transaction.on_commit(fleet_row.renew)
    return fleet


def mark_seen(viewer: User | None, fleet: Fleet) -> None:
    """Let the author know that `viewer` saw it; nothing is kept of visitors and the author."""
    if viewer is None or viewer.pk == fleet.author_id:
        return
    # Two tabs may show it at once; the second row is dropped by the database.
    FleetView.objects.bulk_create([FleetView(fleet=fleet, viewer=viewer)], ignore_conflicts=True)
    fleet_row.forget(viewer)


def seen_by(author: User, fleet: Fleet) -> list[FleetView]:
    """Return who saw it, the latest first; without people across a block.

    Raises PermissionError for others' Fleets.
    """
    if fleet.author_id != author.pk:
        raise PermissionError("Only its author sees who saw a Fleet.")
    people = User.objects.visible_to(author).values("pk")
    views = fleet.views.filter(viewer__in=people).select_related("viewer")
    return list(views.order_by("-seen_at", "-id"))


@transaction.atomic
def delete(actor: User, fleet: Fleet) -> None:
    """Delete a Fleet of the actor's at once. Staff delete others' too, which goes into the log.

    Raises PermissionError for others' Fleets.
    """
    if fleet.author_id != actor.pk:
        if not actor.acts_as_staff:
            raise PermissionError("Only its author can take down a Fleet.")
        decisions.log_action(
            actor, Decision.Action.REMOVE, fleet.author, "fleet", fleet.pk, fleet.text
        )
    take_down(fleet)


@transaction.atomic
def take_down(fleet: Fleet) -> None:
    """Delete it with its picture, for those who may, and whose decision is in the log."""
    fleet.delete()  # Its file goes with it: posts/files.py.
    transaction.on_commit(fleet_row.renew)


def sweep() -> int:
    """Delete Fleets whose day is over, with their files; return how many.

    Two sweeps at once do no harm.
    """
    with transaction.atomic():
        over = Fleet.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at")
        ids = list(over.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
        Fleet.objects.filter(pk__in=ids).delete()
    if ids:
        fleet_row.renew()
    return len(ids)


def sweep_files() -> int:
    """Delete pictures that no Fleet names any more; return how many."""
    return files.sweep(FOLDER, Fleet, "picture")
