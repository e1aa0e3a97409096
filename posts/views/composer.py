"""What the composer sends, read for all that take it: posts, replies, threads and drafts."""

from itertools import zip_longest

from django.http import HttpRequest

from accounts.views.responses import me
from posts.models import Post
from posts.services import draft_media
from posts.services.composing import Composed
from posts.services.draft_media import DraftMedia, KeptImage
from posts.services.drafts import ComposerFields
from posts.services.polls import NewPoll
from posts.views.uploads import uploaded_pictures

DAY_S = 86400


def fields_in(request: HttpRequest) -> ComposerFields:
    """Return the words and choices, as they were typed."""
    data = request.POST
    return ComposerFields(
        texts=[data.get("text", ""), *data.getlist("more")],
        options=data.getlist("option"),
        lasts_s=number(data.get("lasts_s", "")) or DAY_S,
        replies_from=data.get("replies_from", "") or Post.Replies.EVERYONE,
    )


def composed(request: HttpRequest, reply_to: Post | None, quote_of: Post | None) -> Composed:
    """Return everything, pictures re-encoded.

    Raises ValidationError with a sentence for a bad picture.
    """
    fields = fields_in(request)
    media = media_in(request)
    draft_id = number(request.POST.get("draft", ""))
    # Before the pictures of the draft are read from their files.
    draft_media.check_number(media)
    kept = draft_media.pictures_of(me(request), draft_id, media.kept)
    has_poll = any(fields.options)
    return Composed(
        texts=fields.texts,
        reply_to=reply_to,
        quote_of=quote_of,
        images=[*kept, *media.added],
        voice_id=media.voice_id,
        poll=NewPoll(fields.options, fields.lasts_s) if has_poll else None,
        replies_from=fields.replies_from,
        draft_id=draft_id,
    )


def media_in(request: HttpRequest) -> DraftMedia:
    """Return pictures and recording.

    Of the form, `kept` are pictures of the draft, in order, with `kept_alt`; `images` are new.
    """
    data = request.POST
    ids = data.getlist("kept")
    alts = data.getlist("kept_alt")[: len(ids)]
    kept = []
    for pk, alt in zip_longest(ids, alts, fillvalue=""):
        # No picture has the id 0: what is no number is refused as unknown.
        kept.append(KeptImage(number(pk) or 0, alt))
    clip = data.get("voice", "")
    voice_id = (number(clip) or 0) if clip else None
    return DraftMedia(kept, uploaded_pictures(request), voice_id)


def number(raw: str) -> int | None:
    """Return an id or a count that a form or an address names; None for anything else."""
    # Eighteen digits always fit the 64 bits of an id.
    return int(raw) if raw.isdecimal() and len(raw) < 19 else None
