"""What the composer sends, read once for everybody who takes it: posts, replies, threads, drafts."""

from django.http import HttpRequest

from posts.models import Post
from posts.services.composing import Composed
from posts.services.drafts import Writing
from posts.services.polls import NewPoll
from posts.views.uploads import uploaded_pictures

DAY_S = 86400


def writing_in(request: HttpRequest) -> Writing:
    """Return the words and choices, as they were typed."""
    data = request.POST
    return Writing(
        texts=[data.get("text", ""), *data.getlist("more")],
        options=data.getlist("option"),
        lasts_s=number(data.get("lasts_s", "")) or DAY_S,
        replies_from=data.get("replies_from", "") or Post.Replies.EVERYONE,
    )


def composed(request: HttpRequest, reply_to: Post | None, quote_of: Post | None) -> Composed:
    """Return everything, pictures re-encoded. Raises ValidationError with a sentence for a bad picture."""
    writing = writing_in(request)
    raw = request.POST.get("voice", "")
    return Composed(
        texts=writing.texts,
        reply_to=reply_to,
        quote_of=quote_of,
        images=uploaded_pictures(request),
        voice_id=(number(raw) or 0) if raw else None,  # 0 is nobody's: what is no number is refused as unknown.
        poll=NewPoll(writing.options, writing.lasts_s) if any(writing.options) else None,
        replies_from=writing.replies_from,
        draft_id=number(request.POST.get("draft", "")),
    )


def number(raw: str) -> int | None:
    """Return an id or a count that a form or an address names; None for anything else."""
    return int(raw) if raw.isdecimal() and len(raw) < 19 else None
