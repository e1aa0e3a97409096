"""The kinds of things that spaces declares: Spaces, and clips of their replays."""

from django.urls import reverse

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
from spaces.models import AuditEntry, Pin, Reminder, Seat, Space
from spaces.rooms.errors import RoomError
from spaces.services import captions, cards, clip_cards, data_export, scheduling

ACTIONS_KEPT = 100


def describe_spaces(ids: set[int], viewer: User) -> dict[int, Description]:
    """Describe the Spaces that the viewer may see, and those whose cancellation they were told of.

    The latter are hidden already, but a user who waited for one reads its title.
    """
    visible = Space.objects.filter(pk__in=ids).visible_to(viewer).select_related("host")
    found = {
        space.pk: Description(space.get_absolute_url(), f"{space.title} ({space.host})")
        for space in visible
    }
    missing = ids - set(found)
    if missing:
        cancelled = Reminder.objects.filter(
            space__in=missing,
            user=viewer,
            kind=Reminder.Kind.CANCELLED,
            outcome=Reminder.Outcome.TOLD,
        )
        for reminder in cancelled.select_related("space"):
            found[reminder.space_id] = Description(reverse("spaces:index"), reminder.space.title)
    return found


def host_of(pk: int) -> User | None:
    space = Space.objects.filter(pk=pk).select_related("host").first()
    return space.host if space else None


def evidence_of_space(pk: int) -> Evidence:
    """Who was on stage in which role, what was done by whom, pinned, and said in the last minutes.

    RULES §9.
    """
    space = Space.objects.filter(pk=pk).select_related("host").first()
    if space is None:
        return NO_EVIDENCE
    seats = Seat.objects.filter(space=space).select_related("user")
    actions = AuditEntry.objects.filter(space=space).order_by("-id")[:ACTIONS_KEPT]
    pins = Pin.objects.filter(space=space).select_related("post__author")
    facts = {
        "title": space.title,
        "host": space.host.handle,
        "state": space.state,
        "stage": [
            {"handle": seat.user.handle, "role": seat.role, "microphone": seat.microphone}
            for seat in seats
        ],
        # The newest are fetched, and read in their order.
        "actions": [f"{entry.at:%H:%M:%S} {entry}" for entry in reversed(actions)],
        "pins": [f"@{pin.post.author.handle}: {pin.post.text}" for pin in pins],
        "captions": [f"{line.name}: {line.text}" for line in captions.recent(space)],
    }
    return Evidence(facts, ())


def end_space(pk: int, staff: User) -> None:
    """End what is live, cancel what has not begun; LookupError for what is over."""
    space = Space.objects.get(pk=pk)
    try:
        if space.state == Space.State.LIVE:
            scheduling.end(space, staff)
        else:
            scheduling.cancel(space, staff)
    except RoomError as error:
        raise LookupError(error.code) from error


SPACE = ThingKind(
    "space",
    describe=describe_spaces,
    moderation=Moderation(host_of, evidence_of_space, actions={Decision.Action.END: end_space}),
    compose=None,
    export=Export("spaces", data_export.collect),
    link_cards=LinkCards(cards.PATTERN, cards.resolve),
)

CLIP = ThingKind(
    "clip",
    describe=None,  # No notification and no decision is about a clip.
    moderation=None,  # Its Space is reported.
    compose=None,
    export=None,  # In the folder of Spaces.
    link_cards=LinkCards(clip_cards.PATTERN, clip_cards.resolve),
)
