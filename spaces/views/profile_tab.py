"""The Spaces of a user, on their profile: live, to come, and over.

Page by page, the newest first.
"""

from django.utils.translation import gettext_lazy as _

from accounts.extension_points.profile_tabs import Content, Tab
from accounts.models import User
from spaces.models import Space
from spaces.services.cards import cards_of

PAGE = 10
MOST_DIGITS_OF_KEY = 18  # Numbers with more digits are no key of ours.


def content(person: User, viewer: User | None, after: str) -> Content:
    """Return a page of the tab.

    `after` is the id of the last Space of the page before; a mangled one shows the first page.
    """
    spaces = Space.objects.visible_to(viewer).filter(host=person)
    spaces = spaces.exclude(state=Space.State.CANCELLED).open_to(viewer).with_people()
    # It comes from an address, which can be typed by hand.
    if after.isdecimal() and len(after) <= MOST_DIGITS_OF_KEY:
        spaces = spaces.filter(pk__lt=int(after))
    # One more than a page has tells whether there is another page.
    rows = list(spaces.order_by("-id")[: PAGE + 1])
    shown = rows[:PAGE]
    next_after = shown[-1].pk if len(rows) > PAGE else None
    context = {"cards": cards_of(shown, viewer), "next": next_after, "person": person}
    return Content("spaces/_tab.html", "spaces/_tab_page.html", context)


TAB = Tab("spaces", _("Spaces"), order=35, build=content)
