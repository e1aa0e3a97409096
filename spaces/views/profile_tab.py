"""The Spaces of a person, on their profile: live, to come, and over; page by page, the newest
first.
"""

from django.utils.translation import gettext_lazy as _

from accounts.extension_points.profile_tabs import Content, Tab
from accounts.models import User
from spaces.models import Space
from spaces.services.cards import cards_of

PAGE = 10


def content(person: User, viewer: User | None, after: str) -> Content:
    """`after` is the id of the last Space of the page before; a mangled one shows the first page."""
    hosted = (
        Space.objects.visible_to(viewer).filter(host=person).exclude(state=Space.State.CANCELLED)
    )
    rows = hosted.open_to(viewer).with_people().order_by("-id")
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__lt=int(after))
    found = list(rows[: PAGE + 1])
    further = found[PAGE - 1].pk if len(found) > PAGE else None
    context = {"cards": cards_of(found[:PAGE], viewer), "next": further, "person": person}
    return Content("spaces/_tab.html", "spaces/_tab_page.html", context)


TAB = Tab("spaces", _("Spaces"), order=35, build=content)
