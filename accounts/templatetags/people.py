"""Template tags about people: form fields in the site's look, unread alerts, times."""

from datetime import datetime, timedelta

from django import forms, template
from django.contrib.auth.models import AnonymousUser
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from accounts.extension_points.avatar_rings import Ring
from accounts.models import User
from accounts.notifications import notify
from accounts.services.avatar_rings import rings_for
from config.rendering.compiled_templates import draw

register = template.Library()

_BOXES = (forms.CheckboxInput, forms.FileInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


@register.simple_tag(takes_context=True)
def unread_alerts(context: Context) -> int:
    """How many alerts the viewer has not seen; 0 for visitors and on pages without a request."""
    viewer: User | AnonymousUser | None = context.get("user")
    request = context.get("request")
    if not isinstance(viewer, User) or request is None:
        return 0
    # The bell is on the page twice, for desktops and for phones.
    if not hasattr(request, "_unread_alerts"):
        request._unread_alerts = notify.unread_count(viewer)
    return int(request._unread_alerts)


@register.inclusion_tag("_field.html")
def field(bound: forms.BoundField, look: str = "") -> dict[str, object]:
    """Draw a form field with label, hint and errors.

    `look`: "" or "switch" (a row with a switch at its end).
    """
    widget = bound.field.widget
    if type(bound.form).__module__.startswith("allauth."):
        widget.attrs.pop("placeholder", None)  # Theirs repeat the label that stands above.
    attrs: dict[str, str | bool] = {"class": "switch" if look == "switch" else _class_of(widget)}
    if look == "switch":
        attrs["role"] = "switch"
    described = [f"{bound.id_for_label}_hint"] if bound.help_text else []
    if bound.errors:
        attrs["aria-invalid"] = "true"
        described.append(f"{bound.id_for_label}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "look": look or _look_of(widget),
        "max": bound.field.max_length if isinstance(bound.field, forms.CharField) else None,
    }


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, _BOXES):
        return ""
    return "field__input select" if isinstance(widget, forms.Select) else "field__input"


def _look_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "file" if isinstance(widget, forms.FileInput) else "line"


@register.simple_tag(takes_context=True)
def avatar(context: Context, person: User, size: str = "") -> SafeString:
    """Draw a face that leads to the profile, into the person's room or to their Fleet.

    `size`: xs, sm, lg, xl.
    """
    ring = rings_of(context).get(person.pk)
    return draw("accounts/_avatar.html", "avatar", person, ring, size)


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
    """Asked for once a request, however many faces its page has."""
    request = context.get("request")
    if request is None:
        return {}
    if not hasattr(request, "_rings"):
        user = context.get("user")
        request._rings = rings_for(user if isinstance(user, User) else None)
    found: dict[int, Ring] = request._rings
    return found


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
    """Name the browser and system of a User-Agent as people would; most claim to be Safari too, so
    order counts.
    """
    found = [
        next((name for sign, name in signs if sign in user_agent), "")
        for signs in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(name for name in found if name) or gettext("Unknown browser")


@register.filter
@register.simple_tag
def ago(moment: datetime) -> SafeString:
    """A `<time>` with a short distance ("12 min"), and the whole time in the viewer's zone as its
    title.
    """
    local = timezone.localtime(moment)
    title = f"{date_format(local, 'DATETIME_FORMAT')} ({local.tzname()})"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), title, _distance(moment)
    )


def _distance(moment: datetime) -> str:
    passed = timezone.now() - moment
    if passed < timedelta(minutes=1):
        return gettext("now")
    if passed < timedelta(hours=1):
        return ngettext("%(n)d min", "%(n)d min", passed.seconds // 60) % {
            "n": passed.seconds // 60
        }
    if passed < timedelta(days=1):
        return ngettext("%(n)d h", "%(n)d h", passed.seconds // 3600) % {
            "n": passed.seconds // 3600
        }
    local, today = timezone.localtime(moment), timezone.localtime()
    if local.date() == today.date() - timedelta(days=1):
        return gettext("Yesterday")
    return date_format(local, "MONTH_DAY_FORMAT" if local.year == today.year else "DATE_FORMAT")
