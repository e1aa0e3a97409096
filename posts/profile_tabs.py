"""The tabs that posts bring to a profile."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from accounts.extension_points.profile_tabs import Content, Tab
from accounts.models import User
from posts.services import timelines
from posts.services.timelines import Cursor, TimelinePage

Feed = Callable[[User, User | None, Cursor | None], TimelinePage]


def _content_of(feed: Feed) -> Callable[[User, User | None, str], Content]:
    def build(person: User, viewer: User | None, after: str) -> Content:
        page = feed(person, viewer, Cursor.parse(after))
        return Content("posts/_feed.html", "posts/_feed_page.html", {"page": page})

    return build


TABS = (
    Tab("", _("Posts"), order=10, build=_content_of(timelines.of_person)),
    Tab("replies", _("Replies"), order=20, build=_content_of(timelines.replies_of_person)),
    Tab("media", _("Media"), order=30, build=_content_of(timelines.media_of_person)),
    Tab("likes", _("Likes"), order=40, build=_content_of(timelines.liked_by)),
)
