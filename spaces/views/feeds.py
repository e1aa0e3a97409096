"""A host's Spaces for feed readers, and the map of public Spaces for search engines."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.locale import in_locale_of
from accounts.models import User
from config.http.rate_limits import limited
from config.rendering.well_formed_feed import WellFormedFeed
from spaces.models import Space, SpaceQuerySet
from spaces.services import listings
from spaces.services.summary import summary
from spaces.views.access import get_host

MOST_ITEMS = 30  # Feed readers keep what they have seen.
MOST_IN_SITEMAP = 5000  # A tenth of what the protocol allows in one file.


class HostFeed(Feed[Space, User]):
    """RSS of what a host has announced and what can be heard again: what a visitor may see."""

    feed_type = WellFormedFeed

    def get_object(self, request: HttpRequest, handle: str) -> User:
        return get_host(handle)

    def title(self, host: User) -> str:
        return _("Spaces of %(name)s") % {"name": host.name}

    def link(self, host: User) -> str:
        return host.get_absolute_url()

    def description(self, host: User) -> str:
        return host.bio or _("Live rooms hosted by %(name)s.") % {"name": host.name}

    def items(self, host: User) -> list[Space]:
        spaces = _public_spaces().filter(host=host)
        spaces = spaces.select_related("host").prefetch_related("topics")
        return list(spaces.order_by("-created_at", "-id")[:MOST_ITEMS])

    def item_title(self, space: Space) -> str:
        return space.title  # Django's default would escape it once more.

    def item_description(self, space: Space) -> str:
        return summary(space)

    def item_pubdate(self, space: Space) -> datetime:
        return space.created_at

    def item_updateddate(self, space: Space) -> datetime:
        return _changed_at(space)

    def item_categories(self, space: Space) -> list[str]:
        return [topic.name for topic in space.topics.all()]


@require_safe
@limited("feed")
def host_feed(request: HttpRequest, handle: str) -> HttpResponse:
    with in_locale_of(get_host(handle)):  # Feed readers ask in any language or in none.
        return HostFeed()(request, handle=handle)


class SpaceSitemap(Sitemap[Space]):
    """What a visitor can open: live rooms, what comes, replays."""

    changefreq = "hourly"
    limit = MOST_IN_SITEMAP

    def items(self) -> list[Space]:
        return list(_public_spaces().order_by("-id")[:MOST_IN_SITEMAP])

    def lastmod(self, space: Space) -> datetime:
        return _changed_at(space)


class PageSitemap(Sitemap[str]):
    changefreq = "hourly"

    def items(self) -> list[str]:
        return ["spaces:index", "posts:home", "posts:explore"]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {"pages": PageSitemap, "spaces": SpaceSitemap}


def _public_spaces() -> SpaceQuerySet:
    live = listings.live_for(None)
    return live | listings.upcoming_for(None) | listings.replays_for(None)


def _changed_at(space: Space) -> datetime:
    return space.ended_at or space.started_at or space.created_at
