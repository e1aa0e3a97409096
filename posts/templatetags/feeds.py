"""Template tags of the shell and the feeds: parts that other apps fill, trends, people to meet."""

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from config.limits import LIMITS
from posts import shelf
from posts.cards import Card
from posts.services import messaging, searching
from posts.services.searching import Trend

register = template.Library()


def _viewer(context: Context) -> User | None:
    user = context.get("user")
    return user if isinstance(user, User) else None


@register.simple_tag(takes_context=True)
def part(context: Context, place: shelf.Place, subject: User | None = None) -> SafeString:
    """Draw what another app registered for `place`, or nothing. Nothing too on pages without a request (500)."""
    request = context.get("request")
    if request is None:
        return SafeString("")
    found = shelf.part_for(place, _viewer(context), subject)
    if found is None:
        return SafeString("")
    return SafeString(render_to_string(found.template, dict(found.context), request=request))


@register.simple_tag(takes_context=True)
def link_card(context: Context, card: Card) -> SafeString:
    """Draw the card of a link with the template of the app that owns it."""
    return mark_safe(render_to_string(card.template, dict(card.context), request=context.get("request")))


@register.simple_tag(takes_context=True)
def being_talked_about(context: Context) -> list[Trend]:
    return searching.trends() if context.get("request") else []


@register.simple_tag(takes_context=True)
def people_to_meet(context: Context) -> list[User]:
    viewer = _viewer(context)
    return searching.people_to_meet(viewer) if viewer and context.get("request") else []


@register.simple_tag(takes_context=True)
def unread_messages(context: Context) -> int:
    """In how many conversations the viewer has something new."""
    viewer = _viewer(context)
    return messaging.unread_count(viewer) if viewer and context.get("request") else 0


@register.simple_tag
def takes_messages(person: User, follows_viewer: bool) -> bool:
    """Whether to offer the envelope on a profile."""
    return messaging.offers(person, follows_viewer=follows_viewer)


@register.simple_tag
def post_chars() -> int:
    """The longest post; the composer counts down from it."""
    return LIMITS.post_chars
