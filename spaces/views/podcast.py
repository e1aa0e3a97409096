"""A host's public replays as a podcast:

RSS 2.0 with one enclosure an episode and the tags podcast players want.
"""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from accounts.models import User
from config.http.rate_limits import limited
from spaces.models import Recording
from spaces.services import rendering
from spaces.services.summary import summary

MOST_EPISODES = 50
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"


class Podcast(Rss201rev2Feed):
    """Django's feed with the elements of Apple's podcast specification."""

    content_type = "application/rss+xml; charset=utf-8"

    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:itunes": ITUNES}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("itunes:author", self.feed["host"])
        handler.addQuickElement("itunes:explicit", "false")
        handler.addQuickElement("itunes:image", None, {"href": self.feed["picture"]})
        handler.addQuickElement("itunes:category", None, {"text": "Society & Culture"})

    # Any: Django's signature.
    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("itunes:duration", str(item["seconds"]))
        handler.addQuickElement("itunes:author", item["host"])


@require_safe
@limited("feed")
def of_host(request: HttpRequest, handle: str) -> HttpResponse:
    """What a visitor may hear of a host's Spaces; an empty feed for a host who has none."""
    host = User.objects.filter(is_active=True).by_handle(handle).first()
    if host is None:
        raise Http404("No such person.")
    feed = Podcast(
        title=_("%(name)s's Spaces") % {"name": host.name},
        link=request.build_absolute_uri(host.get_absolute_url()),
        description=host.bio or _("Live rooms hosted by %(name)s.") % {"name": host.name},
        feed_url=request.build_absolute_uri(),
        language="en",
        host=host.name,
        picture=request.build_absolute_uri(host.avatar_url),
    )
    for recording in episodes(host):
        _add(feed, recording, request)
    return HttpResponse(feed.writeString("utf-8"), content_type=Podcast.content_type)


def episodes(host: User) -> list[Recording]:
    public = (
        Recording.objects.ready()
        .visible_to(None)
        .filter(space__host=host)
        .select_related("space__host")
    )
    return list(public.order_by("-started_at")[:MOST_EPISODES])


def _add(feed: Podcast, recording: Recording, request: HttpRequest) -> None:
    space = recording.space
    url = request.build_absolute_uri(space.get_absolute_url())
    audio = request.build_absolute_uri(reverse("spaces:replay_audio", args=[space.public_id]))
    feed.add_item(
        title=space.title,
        link=url,
        unique_id=url,
        unique_id_is_permalink=True,
        description=summary(space),
        pubdate=_began(recording),
        enclosures=[Enclosure(audio, str(recording.sizes.get(rendering.AUDIO, 0)), "audio/mp4")],
        seconds=recording.duration_ms // 1000,
        host=space.host.name,
    )


def _began(recording: Recording) -> datetime:
    return recording.space.started_at or recording.started_at
