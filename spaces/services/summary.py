"""A Space in one line, for those who do not see its page: feed readers, search engines, cards on
other sites.
"""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from spaces.models import Space


def summary(space: Space) -> str:
    """One line for those who do not see the page: what it is, whose, and when, with the zone named."""
    topics = ", ".join(topic.name for topic in space.topics.all())
    host = _("Hosted by %(name)s (@%(handle)s)") % {
        "name": space.host.name,
        "handle": space.host.handle,
    }
    return " · ".join(filter(None, [_state(space), host, topics]))


def _state(space: Space) -> str:
    if space.state == Space.State.LIVE:
        return _("Live now")
    if space.state == Space.State.CANCELLED:
        return _("Cancelled")
    if space.state == Space.State.ENDED:
        return _("Ended")
    return _at(space.scheduled_for) if space.scheduled_for else _("Soon")


def _at(moment: datetime) -> str:
    """Readers are anywhere, so the one zone that everybody can work with."""
    return f"{date_format(moment, 'DATE_FORMAT')}, {moment:%H:%M} UTC"
