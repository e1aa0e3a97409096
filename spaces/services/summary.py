"""A Space in one line, for those who do not see its page.

Feed readers, search engines, cards on other sites.
"""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from spaces.models import Space


def summary(space: Space) -> str:
    """Return what it is, whose, and when, with the zone named."""
    start = space.scheduled_for
    if space.state == Space.State.LIVE:
        state = _("Live now")
    elif space.state == Space.State.CANCELLED:
        state = _("Cancelled")
    elif space.state == Space.State.ENDED:
        state = _("Ended")
    elif start is None:
        state = _("Soon")
    else:
        # Readers are anywhere, so the one zone that all can work with.
        state = f"{date_format(start, 'DATE_FORMAT')}, {start:%H:%M} UTC"
    host = _("Hosted by %(name)s (@%(handle)s)") % {
        "name": space.host.name,
        "handle": space.host.handle,
    }
    topics = ", ".join(topic.name for topic in space.topics.all())
    return " · ".join(filter(None, [state, host, topics]))
