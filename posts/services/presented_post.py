"""Posts as a page shows them, with all that their templates need, fetched for a page at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from config.db import prepared
from posts import link_cards, text
from posts.models import Post, PostImage, VoiceClip
from posts.services import mentions, polls, posting
from posts.services.mentions import Meant
from posts.services.polls import PollResult

TALL_LINES = 14  # static/css/components/post.css shows twelve: fewer more are not worth a button.


@dataclass(frozen=True)
class Quote:
    """The post inside a quoting one.

    `post` is None if it is deleted, taken out of the quote or hidden from the viewer.
    """

    post: Post | None
    html: SafeString


@dataclass(frozen=True)
class PresentedPost:
    """One post of a feed.

    `post` is what is shown. Of a repost (`entry`) that is the original, and `reposted_by` the user
    whose repost it is; otherwise `entry` and `post` are the same.
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
    is_bookmarked: bool
    is_mine: bool
    may_edit: bool
    may_detach: bool

    @property
    def is_tall(self) -> bool:
        """True for so many lines that a feed shows the first ones only, and a button."""
        return self.post.text.count("\n") >= TALL_LINES


def present(posts: Iterable[Post], viewer: User | None) -> list[PresentedPost]:
    """Return `posts` as `viewer` sees them, in their order.

    They must come from `visible_to(viewer).for_page(viewer)`. The number of queries does not grow
    with them.
    """
    entries = list(posts)
    shown = [entry.repost_of or entry for entry in entries]
    links = {post.pk: text.links(post.text) for post in shown}
    urls = {url for found in links.values() for url in found}
    cards = link_cards.resolve(urls, viewer)
    readable_quotes = _readable_quotes(entries, viewer)
    quotes = {post.pk: post.quote_of for post in shown if post.quote_of_id in readable_quotes}
    written = [post.text for post in [*shown, *quotes.values()] if post]
    meant = mentions.meant_in(written)
    with_images = {post.pk for post in shown if post.image_count}
    images: dict[int, list[PostImage]] = defaultdict(list)
    if with_images:
        for image in prepared.fetch(_images, frozenset(with_images)):
            images[image.post_id].append(image)
    poll_results = polls.results_of(shown, viewer)
    presented = []
    for entry, post in zip(entries, shown, strict=True):
        url = next((url for url in links[post.pk] if url in cards), "")
        quote = None
        if post.is_quote:
            quote = _quote(quotes.get(post.pk), meant)
        one = PresentedPost(
            entry=entry,
            post=post,
            html=text.render(post.text, meant.at(post.words_since), url),
            images=images.get(post.pk, []),
            voice=post.voice,
            poll=poll_results.get(post.pk),
            quote=quote,
            card=cards.get(url),
            reposted_by=entry.author if entry.repost_of_id else None,
            is_liked=bool(getattr(entry, "is_liked", False)),
            is_reposted=bool(getattr(entry, "is_reposted", False)),
            is_bookmarked=bool(getattr(entry, "is_bookmarked", False)),
            is_mine=viewer is not None and post.author_id == viewer.pk,
            may_edit=viewer is not None and posting.may_edit(viewer, post),
            may_detach=bool(viewer and post.quote_of and post.quote_of.author_id == viewer.pk),
        )
        presented.append(one)
    return presented


def _images(posts: frozenset[int]) -> QuerySet[PostImage]:
    return PostImage.objects.filter(post__among=posts)


def _quote(post: Post | None, meant: Meant) -> Quote:
    if post is None:
        return Quote(None, SafeString(""))
    return Quote(post, text.render(post.summary, meant.at(post.words_since)))


def present_one(post: Post, viewer: User | None) -> PresentedPost:
    return present([post], viewer)[0]


def _readable_quotes(entries: list[Post], viewer: User | None) -> set[int]:
    """Return the ids of quoted posts that may be shown: as `for_page` found, or asked for now."""
    readable: set[int] = set()
    unknown: set[int] = set()
    for entry in entries:
        quoted = (entry.repost_of or entry).quote_of_id
        if quoted is None:
            continue
        if "is_quote_readable" not in vars(entry):
            unknown.add(quoted)
        elif vars(entry)["is_quote_readable"]:
            readable.add(quoted)
    if unknown:
        visible = Post.objects.filter(pk__in=unknown).visible_to(viewer)
        readable.update(visible.values_list("pk", flat=True))
    return readable
