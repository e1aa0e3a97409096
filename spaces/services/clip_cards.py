"""A link to a clip anywhere is a small player (posts/link_cards.py)."""

import re
from dataclasses import dataclass

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from spaces.models import Clip
from spaces.models.space import BASE58, PUBLIC_ID_CHARS
from spaces.services import signed_urls

PATTERN = re.compile(rf"/spaces/clips/([{BASE58}]{{{PUBLIC_ID_CHARS}}})/?")
TEMPLATE = "spaces/_clip.html"


@dataclass(frozen=True)
class ClipCard:
    """What `spaces/_clip.html` draws; it must not query.

    The addresses are the viewer's own, and "" until the clip is cut.
    """

    clip: Clip
    video: str
    poster: str


def resolve(public_ids: list[str], viewer: User | None) -> dict[str, LinkCard]:
    """Return a link card for each clip in `public_ids` that the viewer may see.

    One query for all.
    """
    clips = Clip.objects.filter(public_id__in=public_ids).visible_to(viewer)
    clips = clips.select_related("by", "recording__space__host")
    return {clip.public_id: LinkCard(TEMPLATE, {"card": card_of(clip, viewer)}) for clip in clips}


def card_of(clip: Clip, viewer: User | None) -> ClipCard:
    if clip.state != Clip.State.READY:
        return ClipCard(clip, video="", poster="")
    return ClipCard(
        clip,
        video=signed_urls.clip_url(clip, "clip.mp4", viewer),
        poster=signed_urls.clip_url(clip, "clip.jpg", viewer),
    )
