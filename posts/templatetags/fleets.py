"""Template tags of Fleets: the row above the home timeline, how long one still stands."""

from datetime import datetime

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from posts.services.fleet_row import has_own, row_for

register = template.Library()


@register.inclusion_tag("posts/_fleet_shelf.html", takes_context=True)
def fleet_row(context: Context) -> dict[str, object]:
    """Draw one's own face and those of followed people with Fleets; nothing for visitors."""
    viewer = context.get("user")
    if not isinstance(viewer, User):
        return {"me": None}
    return {
        "me": viewer,
        "has_own": has_own(viewer),
        "authors": row_for(viewer),
    }


@register.filter
def gone_in(moment: datetime) -> str:
    """Return how long until `moment`, as "gone in 21 h"; under an hour in minutes, at least one."""
    minutes = max(1, int((moment - timezone.now()).total_seconds() // 60))
    if minutes < 60:
        return ngettext("gone in %(n)d min", "gone in %(n)d min", minutes) % {"n": minutes}
    return _("gone in %(n)d h") % {"n": minutes // 60}
