"""A host's Spaces for feed readers, and the map of public Spaces for search engines."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from config.http.rate_limits import limited
from spaces.models import Space
from spaces.services import listings
from spaces.services.summary import summary

MOST_ITEMS = 30
MOST_IN_SITEMAP = 5000


@require_safe
@limited("feed")
def of_host(request: HttpRequest, handle: str) -> HttpResponse:
    """RSS of what a host has announced and what can be heard again; nothing that a visitor may not
    see.
    """
    host = User.objects.filter(is_active=True).by_handle(handle).first()
    if host is None:
        raise Http404("No such person.")
    feed = Rss201rev2Feed(
        title=_("Spaces of %(name)s") % {"name": host.name},
        link=request.build_absolute_uri(host.get_absolute_url()),
        description=host.bio or _("Live rooms hosted by %(name)s.") % {"name": host.name},
        feed_url=request.build_absolute_uri(),
    )
    for space in _spaces_of(host):
        _add(feed, space, request)
    return HttpResponse(
        feed.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8"
    )


def _spaces_of(host: User) -> list[Space]:
    open_ones = listings.live_for(None) | listings.upcoming_for(None) | listings.replays_for(None)
    mine = open_ones.filter(host=host).select_related("host").prefetch_related("topics")
    return list(mine.order_by("-created_at", "-id")[:MOST_ITEMS])


def _add(feed: Rss201rev2Feed, space: Space, request: HttpRequest) -> None:
    url = request.build_absolute_uri(space.get_absolute_url())
    feed.add_item(
        title=space.title,
        link=url,
        unique_id=url,
        description=summary(space),
        pubdate=space.created_at,
        updateddate=space.ended_at or space.started_at or space.created_at,
        categories=[topic.name for topic in space.topics.all()],
    )


class SpaceSitemap(Sitemap[Space]):
    """What a visitor can open: live rooms, what comes, replays."""

    changefreq = "hourly"
    limit = MOST_IN_SITEMAP

    def items(self) -> list[Space]:
        found = listings.live_for(None) | listings.upcoming_for(None) | listings.replays_for(None)
        return list(found.order_by("-id")[:MOST_IN_SITEMAP])

    def lastmod(self, space: Space) -> datetime:
        return space.ended_at or space.started_at or space.created_at


class PageSitemap(Sitemap[str]):
    changefreq = "hourly"

    def items(self) -> list[str]:
        return ["spaces:index", "posts:home", "posts:explore"]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {"pages": PageSitemap, "spaces": SpaceSitemap}
