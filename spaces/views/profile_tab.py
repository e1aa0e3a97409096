"""The Spaces of a user, on their profile: live, to come, and over.

Page by page, the newest first.
"""

from django.utils.translation import gettext_lazy as _

from accounts.extension_points.profile_tabs import Content, Tab
from accounts.models import User
from config.cursors import parse_id
from spaces.models import Space
from spaces.services.cards import cards_of

PAGE = 10


def content(person: User, viewer: User | None, after: str) -> Content:
    """Return a page of the tab.

    `after` is the id of the last Space of the page before, empty for the first page. Raises
    BadCursor.
    """
    last = parse_id(after)
    spaces = Space.objects.visible_to(viewer).filter(host=person)
    spaces = spaces.exclude(state=Space.State.CANCELLED).open_to(viewer).with_people()
    if last is not None:
        spaces = spaces.filter(pk__lt=last)
    # One more than a page has tells whether there is another page.
    rows = list(spaces.order_by("-id")[: PAGE + 1])
    shown = rows[:PAGE]
    next_after = shown[-1].pk if len(rows) > PAGE else None
    context = {"cards": cards_of(shown, viewer), "next": next_after, "person": person}
    return Content("spaces/_tab.html", "spaces/_tab_page.html", context)


TAB = Tab("spaces", _("Spaces"), order=35, build=content)
