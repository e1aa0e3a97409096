"""Fleets as a kind of thing: how reports, link cards and exports speak of them."""

from accounts.extension_points.data_export import Export
from accounts.extension_points.kinds import (
    NO_EVIDENCE,
    Description,
    Evidence,
    LinkCards,
    Moderation,
    ThingKind,
)
from accounts.models import Decision, User
from posts import data_export
from posts.models import Fleet
from posts.services import fleet_replies, fleets


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    visible = Fleet.objects.filter(pk__in=ids).visible_to(viewer)
    return {
        fleet.pk: Description(fleet.get_absolute_url(), f"{fleet.text} {fleet.alt}".strip())
        for fleet in visible
    }


def author_of(pk: int) -> User | None:
    fleet = Fleet.objects.filter(pk=pk).select_related("author").first()
    return fleet.author if fleet else None


def evidence_of(pk: int) -> Evidence:
    """Fleets end after a day, so the picture is copied too."""
    fleet = Fleet.objects.filter(pk=pk).select_related("author").first()
    if fleet is None:
        return NO_EVIDENCE
    facts = {
        "author": fleet.author.handle,
        "text": fleet.text,
        "description": fleet.alt,
        "audience": fleet.audience,
        "written": fleet.created_at.isoformat(),
    }
    return Evidence(facts, (fleet.picture,) if fleet.picture else ())


def remove(pk: int, staff: User) -> None:
    fleet = Fleet.objects.filter(pk=pk).first()
    if fleet is None:
        raise LookupError("The Fleet is gone.")
    fleets.take_down(fleet)


FLEET = ThingKind(
    "fleet",
    describe=describe,
    moderation=Moderation(author_of, evidence_of, actions={Decision.Action.REMOVE: remove}),
    compose=None,
    export=Export("fleets", data_export.fleets),
    link_cards=LinkCards(fleet_replies.PATTERN, fleet_replies.cards_of),
)
