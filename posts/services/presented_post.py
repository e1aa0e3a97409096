"""Posts as a page shows them: with the viewer's marks and the cards of their links, fetched for the
page at once.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from posts import link_cards, text
from posts.models import Post, PostImage, VoiceClip
from posts.services import polls, posting
from posts.services.polls import PollResult


@dataclass(frozen=True)
class Quote:
    """The post inside a quoting one; `post` is None if it is deleted, taken out or hidden from the
    viewer.
    """

    post: Post | None
    html: SafeString


@dataclass(frozen=True)
class PresentedPost:
    """One entry of a feed.

    `post` is what is shown: of a repost, the original, and `reposted_by` is who brought it.
    """

    entry: Post
    post: Post
    html: SafeString
    images: list[PostImage]
    voice: VoiceClip | None
    poll: PollResult | None
    quote: Quote | None
    card: LinkCard | None
    reposted_by: User | None
    is_liked: bool
    is_reposted: bool
    is_kept: bool
    is_mine: bool
    may_edit: bool
    may_detach: bool


def present(posts: Iterable[Post], viewer: User | None) -> list[PresentedPost]:
    """Return `posts` ready to draw, in their order.

    They must come from `visible_to(viewer).for_page(viewer)`.
    """
    entries = list(posts)
    shown = [entry.repost_of or entry for entry in entries]
    links = {post.pk: text.links(post.text) for post in shown}
    found = link_cards.resolve({url for urls in links.values() for url in urls}, viewer)
    more = _More(
        _images_of(shown), polls.results_of(shown, viewer), _readable_quotes(entries, viewer)
    )
    return [
        _view(
            entry, post, viewer, {url: found[url] for url in links[post.pk] if url in found}, more
        )
        for entry, post in zip(entries, shown, strict=True)
    ]


def present_one(post: Post, viewer: User | None) -> PresentedPost:
    return present([post], viewer)[0]


@dataclass(frozen=True)
class _More:
    """What is fetched for all posts of the page at once."""

    images: dict[int, list[PostImage]]
    polls: dict[int, PollResult]
    quotable: set[int]


def _images_of(posts: list[Post]) -> dict[int, list[PostImage]]:
    found: dict[int, list[PostImage]] = {}
    ids = {post.pk for post in posts if post.image_count}
    for image in PostImage.objects.filter(post__in=ids) if ids else []:
        found.setdefault(image.post_id, []).append(image)
    return found


def _readable_quotes(entries: list[Post], viewer: User | None) -> set[int]:
    """The ids of quoted posts that may be shown: as `for_page` found, else asked for now."""
    found: set[int] = set()
    unknown: set[int] = set()
    for entry in entries:
        quoted = (entry.repost_of or entry).quote_of_id
        if quoted and "is_quote_readable" not in vars(entry):
            unknown.add(quoted)
        elif quoted and vars(entry)["is_quote_readable"]:
            found.add(quoted)
    asked = (
        Post.objects.filter(pk__in=unknown).visible_to(viewer).values_list("pk", flat=True)
        if unknown
        else ()
    )
    return found | set(asked)


def _quote(post: Post, more: _More) -> Quote | None:
    if not post.is_quote:
        return None
    if post.quote_of is None or post.quote_of_id not in more.quotable:
        return Quote(None, SafeString(""))
    return Quote(post.quote_of, text.render(post.quote_of.summary))


def _view(
    entry: Post, post: Post, viewer: User | None, own_cards: dict[str, LinkCard], more: _More
) -> PresentedPost:
    url, card = next(iter(own_cards.items()), ("", None))
    return PresentedPost(
        entry=entry,
        post=post,
        html=text.render(post.text, hidden_link=url),
        images=more.images.get(post.pk, []),
        voice=post.voice,
        poll=more.polls.get(post.pk),
        quote=_quote(post, more),
        card=card,
        reposted_by=entry.author if entry.repost_of_id else None,
        is_liked=bool(getattr(entry, "is_liked", False)),
        is_reposted=bool(getattr(entry, "is_reposted", False)),
        is_kept=bool(getattr(entry, "is_kept", False)),
        is_mine=viewer is not None and post.author_id == viewer.pk,
        may_edit=viewer is not None and posting.may_edit(viewer, post),
        may_detach=bool(viewer and post.quote_of and post.quote_of.author_id == viewer.pk),
    )
