"""A host's public replays as a podcast.

RSS 2.0 with one enclosure an episode and the tags podcast players want.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urljoin
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.locale import in_locale_of
from accounts.models import User
from config.http.rate_limits import limited
from config.rendering.well_formed_feed import WellFormedFeed
from spaces.models import Recording
from spaces.services import podcast_cover, rendering
from spaces.services.summary import summary
from spaces.views.access import get_host

MOST_EPISODES = 50
HOUR_S = 3600  # The cover's address has a version.
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"


@dataclass(frozen=True)
class Podcast:
    """A host's podcast. `site` is the address of this instance, without a path.

    Django makes only the links of a feed absolute, not pictures and enclosures.
    """

    host: User
    site: str


@dataclass(frozen=True)
class Episode:
    recording: Recording
    audio_url: str


class ItunesFeed(WellFormedFeed):
    """Django's feed with the elements of Apple's podcast specification."""

    content_type = "application/rss+xml; charset=utf-8"

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:itunes": ITUNES}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("itunes:author", self.feed["host"])
        # The site's address: a host's own is nobody's business, and who runs the site answers.
        handler.startElement("itunes:owner", AttributesImpl({}))
        handler.addQuickElement("itunes:name", self.feed["host"])
        handler.addQuickElement("itunes:email", parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
        handler.endElement("itunes:owner")
        # Required by Apple's directory, and so is a category.
        handler.addQuickElement("itunes:explicit", "false")
        handler.addQuickElement("itunes:image", None, {"href": self.feed["picture"]})
        handler.addQuickElement("itunes:category", None, {"text": "Society & Culture"})

    # Any: Django's signature.
    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("itunes:duration", str(item["seconds"]))
        handler.addQuickElement("itunes:author", item["host"])


class PodcastFeed(Feed[Episode, Podcast]):
    """What a visitor may hear of a host's Spaces; an empty feed for a host who has none."""

    feed_type = ItunesFeed
    # The address of a Space never changes.
    item_guid_is_permalink = True
    item_enclosure_mime_type = "audio/mp4"

    def get_object(self, request: HttpRequest, handle: str) -> Podcast:
        return Podcast(get_host(handle), f"{request.scheme}://{request.get_host()}")

    def title(self, podcast: Podcast) -> str:
        return _("%(name)s's Spaces") % {"name": podcast.host.name}

    def link(self, podcast: Podcast) -> str:
        return podcast.host.get_absolute_url()

    def description(self, podcast: Podcast) -> str:
        host = podcast.host
        return host.bio or _("Live rooms hosted by %(name)s.") % {"name": host.name}

    def feed_extra_kwargs(self, podcast: Podcast) -> dict[str, str]:
        host = podcast.host
        path = reverse("spaces:podcast_cover", args=[host.handle])
        picture = urljoin(podcast.site, f"{path}?v={podcast_cover.version(host)}")
        return {"host": host.name, "picture": picture}

    def items(self, podcast: Podcast) -> list[Episode]:
        public = Recording.objects.ready().visible_to(None)
        recordings = public.filter(space__host=podcast.host).select_related("space__host")
        episodes = []
        for recording in recordings.order_by("-started_at")[:MOST_EPISODES]:
            path = reverse("spaces:replay_audio", args=[recording.space.public_id])
            episodes.append(Episode(recording, urljoin(podcast.site, path)))
        return episodes

    def item_title(self, episode: Episode) -> str:
        return episode.recording.space.title  # Django's default would escape it once more.

    def item_link(self, episode: Episode) -> str:
        return episode.recording.space.get_absolute_url()

    def item_description(self, episode: Episode) -> str:
        return summary(episode.recording.space)

    def item_pubdate(self, episode: Episode) -> datetime:
        return episode.recording.space.started_at or episode.recording.started_at

    def item_enclosure_url(self, episode: Episode) -> str:
        return episode.audio_url

    def item_enclosure_length(self, episode: Episode) -> int:
        """Return the size in bytes; 0 is what RSS wants where it is not known."""
        size: int = episode.recording.sizes.get(rendering.AUDIO, 0)
        return size

    def item_extra_kwargs(self, episode: Episode) -> dict[str, object]:
        recording = episode.recording
        return {"seconds": recording.duration_ms // 1000, "host": recording.space.host.name}


@require_safe
@limited("feed")
def host_podcast(request: HttpRequest, handle: str) -> HttpResponse:
    with in_locale_of(get_host(handle)):  # Directories ask in any language or in none.
        return PodcastFeed()(request, handle=handle)


@require_safe
@limited("feed")
@cache_control(public=True, max_age=HOUR_S)
def cover(request: HttpRequest, handle: str) -> HttpResponse:
    return HttpResponse(podcast_cover.jpeg_of(get_host(handle)), content_type="image/jpeg")
