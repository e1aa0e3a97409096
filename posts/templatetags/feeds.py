"""Template tags of the shell and the feeds: parts that other apps fill, trends, people to meet."""

from collections.abc import Mapping

from django import template
from django.template import Context, Engine
from django.utils.safestring import SafeString

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from config.limits import LIMITS
from posts import page_slots
from posts.models import Trend
from posts.services import messaging, searching, trends, unread

register = template.Library()


def _viewer(context: Context) -> User | None:
    user = context.get("user")
    return user if isinstance(user, User) else None


@register.simple_tag(takes_context=True)
def part(context: Context, place: page_slots.Place, subject: User | None = None) -> SafeString:
    """Draw what another app registered for `place`, or nothing.

    Nothing too on pages without a request (500).
    """
    request = context.get("request")
    if request is None:
        return SafeString("")
    found = page_slots.part_for(place, _viewer(context), subject)
    if found is None:
        return SafeString("")
    return draw_within(context, found.template, found.context)


@register.simple_tag(takes_context=True)
def shelf_part(context: Context, found: page_slots.Part) -> SafeString:
    """Draw a part that another app made."""
    return draw_within(context, found.template, found.context)


@register.simple_tag(takes_context=True)
def link_card(context: Context, card: LinkCard) -> SafeString:
    """Draw the card of a link with the template of the app that owns it."""
    return draw_within(context, card.template, card.context)


def draw_within(context: Context, template: str, values: Mapping[str, object]) -> SafeString:
    """Draw a template with `values` and all that the page knows, as `{% include %}` does."""
    # render_to_string would run every context processor again for each of them.
    with context.push(**values):
        return Engine.get_default().get_template(template).render(context)


@register.simple_tag(takes_context=True)
def being_talked_about(context: Context) -> list[Trend]:
    return trends.newest() if context.get("request") else []


@register.simple_tag(takes_context=True)
def people_to_meet(context: Context) -> list[User]:
    viewer = _viewer(context)
    return searching.people_to_meet(viewer) if viewer and context.get("request") else []


@register.simple_tag(takes_context=True)
def unread_messages(context: Context) -> int:
    """In how many conversations the viewer has something new; a page that has counted already says
    so itself.
    """
    viewer, known = _viewer(context), context.get("unread_here")
    if viewer is None or context.get("request") is None:
        return 0
    return known if isinstance(known, int) else unread.conversations(viewer)


@register.simple_tag
def takes_messages(person: User, follows_viewer: bool) -> bool:
    """Whether to offer the envelope on a profile."""
    return messaging.offers(person, follows_viewer=follows_viewer)


@register.simple_tag
def post_chars() -> int:
    """The longest post; the composer counts down from it."""
    return LIMITS.post_chars
