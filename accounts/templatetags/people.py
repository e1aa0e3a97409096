"""Template tags about people: form fields in the site's look, unread alerts, times."""

import functools
from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo

from django import forms, template
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from accounts.extension_points.avatar_rings import Ring
from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.services import social_image
from accounts.services.avatar_rings import rings_for
from config.rendering.compiled_templates import draw
from config.templatetags.text_limits import field_attributes

register = template.Library()
DATES_KEPT = 4096

Kind = Notification.Kind
# Without a default: the former one was the icon of a follower.
ALERT_ICONS: Mapping[Kind, str] = {
    Kind.FOLLOW: "user-plus",
    Kind.FOLLOW_REQUEST: "user-plus",
    Kind.FOLLOW_ACCEPTED: "user-plus",
    Kind.LIKE: "heart",
    Kind.REPOST: "repeat-2",
    Kind.REPLY: "message-circle",
    Kind.MENTION: "at-sign",
    Kind.QUOTE: "quote",
    Kind.SPACE_LIVE: "mic",
    Kind.SPACE_REMINDER: "bell-ring",
    Kind.SPACE_CHANGED: "bell-ring",
    Kind.SPACE_CANCELLED: "mic",
    Kind.SPACE_LATE: "bell-ring",
    Kind.SPACE_DUE: "mic",
    Kind.DECISION: "shield-alert",
}

_BOXES = (forms.CheckboxInput, forms.FileInput, forms.RadioSelect, forms.CheckboxSelectMultiple)
_WORDS = (forms.TextInput, forms.Textarea)  # Not passwords and addresses, which are of ASCII.
# How a field is drawn, by its widget; all others are a line to type in.
_LOOKS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.RadioSelect, "choices"),
    (forms.CheckboxInput, "check"),
    (forms.FileInput, "file"),
)


@register.simple_tag(takes_context=True)
def unread_alerts(context: Context) -> int:
    """How many alerts the viewer has not seen; 0 for visitors and on pages without a request."""
    viewer: User | AnonymousUser | None = context.get("user")
    if not isinstance(viewer, User) or context.get("request") is None:
        return 0
    # The bell is on the page twice, for desktops and for phones.
    return notify.unread_on_page(viewer)


@register.filter
def alert_icon(kind: Notification.Kind) -> str:
    return ALERT_ICONS[kind]


@register.inclusion_tag("_field.html")
def field(bound: forms.BoundField, look: str = "") -> dict[str, object]:
    """Draw a form field with label, hint and errors.

    `look`: "" or "switch" (a row with a switch at its end).
    """
    widget = bound.field.widget
    if type(bound.form).__module__.startswith("allauth."):
        widget.attrs.pop("placeholder", None)  # Theirs repeat the label that stands above.
    attrs: dict[str, str | bool] = {"class": "field__input"}
    if look == "switch":
        attrs = {"class": "switch", "role": "switch"}
    elif isinstance(widget, _BOXES):
        attrs["class"] = ""
    elif isinstance(widget, forms.Select):
        attrs["class"] = "field__input select"
    described = [f"{bound.id_for_label}_hint"] if bound.help_text else []
    if bound.errors:
        attrs["aria-invalid"] = "true"
        described.append(f"{bound.id_for_label}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    most = getattr(bound.field, "max_length", None)
    if most and type(widget) in _WORDS and "data-max-chars" not in widget.attrs:
        attrs |= field_attributes(most)
    looks = (name for kind, name in _LOOKS if isinstance(widget, kind))
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "look": look or next(looks, "line"),
    }


@register.simple_tag(takes_context=True)
def avatar(context: Context, person: User, size: str = "") -> SafeString:
    """Draw a face that leads to the profile, into the person's room or to their Fleet.

    `size`: xs, sm, lg, xl.
    """
    ring = rings_of(context).get(person.pk)
    return draw("accounts/_avatar.html", "avatar", person, ring, size)


@register.simple_tag(takes_context=True)
def profile_card(context: Context, person: User) -> str:
    """Return the whole address of the picture that other sites show for a link to `person`."""
    path = reverse("accounts:social_image", args=[person.handle])
    # The version makes other sites fetch the picture again when it has changed.
    url: str = context["request"].build_absolute_uri(f"{path}?v={social_image.version(person)}")
    return url


@register.simple_tag(takes_context=True)
def mute_item(context: Context, person: User, is_muted: bool) -> SafeString:
    """Draw the item of a menu that mutes `person`, or hears them again."""
    token = context["csrf_token"]
    return draw("accounts/_menu_items.html", "mute_item", person, token, is_muted)


@register.simple_tag(takes_context=True)
def block_item(context: Context, person: User, is_blocked: bool) -> SafeString:
    """Draw the item of a menu that blocks `person`, or ends that."""
    token = context["csrf_token"]
    return draw("accounts/_menu_items.html", "block_item", person, token, is_blocked)


def rings_of(context: Context) -> dict[int, Ring]:
    """Return the rings that the viewer sees, by user id; read once a request."""
    request = context.get("request")
    if request is None:
        return {}
    if not hasattr(request, "_rings"):
        user = context.get("user")
        request._rings = rings_for(user if isinstance(user, User) else None)
    found: dict[int, Ring] = request._rings
    return found


# In this order: Edge and Opera claim to be Chrome as well, and all claim to be Safari.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser(user_agent: str) -> str:
    """Name the browser and system of a User-Agent as people would."""
    found: list[str] = []
    for signs in (_BROWSERS, _SYSTEMS):
        names = [name for sign, name in signs if sign in user_agent]
        found += names[:1]
    return " · ".join(found) or gettext("Unknown browser")


@register.filter
@register.simple_tag
def ago(moment: datetime) -> SafeString:
    """Draw a `<time>` with a short distance ("12 min").

    Its title is the whole time in the viewer's zone.
    """
    now = timezone.now()
    zone, language = timezone.get_current_timezone(), translation.get_language()
    passed = now - moment  # Not by the wall clocks: those jump twice a year.
    # Also a moment to come: the clocks of two web processes differ a little.
    if passed < timedelta(minutes=1):
        distance = gettext("now")
    elif passed < timedelta(hours=1):
        minutes = passed.seconds // 60
        distance = ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes}
    elif passed < timedelta(days=1):
        hours = passed.seconds // 3600
        distance = ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours}
    else:
        distance = _day(moment, timezone.localdate(now), zone, language)
    title = _whole_time(moment, zone, language)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), title, distance
    )


# Kept, because many pages show the same posts: to write a date costs as much as to draw a button.
@functools.lru_cache(maxsize=DATES_KEPT)
def _day(moment: datetime, today: date, zone: tzinfo, language: str | None) -> str:
    local = timezone.localtime(moment, zone)
    if local.date() == today - timedelta(days=1):
        return gettext("Yesterday")
    return date_format(local, "MONTH_DAY_FORMAT" if local.year == today.year else "DATE_FORMAT")


@functools.lru_cache(maxsize=DATES_KEPT)
def _whole_time(moment: datetime, zone: tzinfo, language: str | None) -> str:
    local = timezone.localtime(moment, zone)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({local.tzname()})"
