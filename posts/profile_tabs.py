"""The tabs that posts bring to a profile."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from accounts.extension_points.profile_tabs import Content, Tab, register
from accounts.models import User
from posts.services import timelines
from posts.services.timelines import Cursor, Page

Feed = Callable[[User, User | None, Cursor | None], Page]


def _content_of(feed: Feed) -> Callable[[User, User | None, str], Content]:
    def build(person: User, viewer: User | None, after: str) -> Content:
        page = feed(person, viewer, Cursor.parse(after))
        return Content("posts/_feed.html", "posts/_feed_page.html", {"page": page})

    return build


def register_tabs() -> None:
    register(Tab("", _("Posts"), _content_of(timelines.of_person)), order=10)
    register(Tab("replies", _("Replies"), _content_of(timelines.replies_of_person)), order=20)
    register(Tab("media", _("Media"), _content_of(timelines.media_of_person)), order=30)
    register(Tab("likes", _("Likes"), _content_of(timelines.liked_by)), order=40)
