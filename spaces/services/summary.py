"""A Space in one line, for those who do not see its page.

Feed readers, search engines, cards on other sites.
"""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from spaces.models import Space


def summary(space: Space) -> str:
    """Return what it is, whose, and when, with the zone named."""
    host = _("Hosted by %(name)s (@%(handle)s)") % {
        "name": space.host.name,
        "handle": space.host.handle,
    }
    topics = ", ".join(topic.name for topic in space.topics.all())
    return " · ".join(filter(None, [_state(space), host, topics]))


def _state(space: Space) -> str:
    if space.state == Space.State.LIVE:
        return _("Live now")
    if space.state == Space.State.CANCELLED:
        return _("Cancelled")
    if space.state == Space.State.ENDED:
        return _("Ended")
    if space.scheduled_for is None:
        return _("Soon")
    # Readers are anywhere, so the one zone that everybody can work with.
    return f"{date_format(space.scheduled_for, 'DATE_FORMAT')}, {space.scheduled_for:%H:%M} UTC"
