"""Posts as a page shows them: with the viewer's marks and the cards of their links, fetched for the page at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString

from accounts.models import User
from posts import cards, text
from posts.cards import Card
from posts.models import Post


@dataclass(frozen=True)
class PostView:
    """One entry of a feed. `post` is what is shown: of a repost, the original, and `reposted_by` is who brought it."""

    entry: Post
    post: Post
    html: SafeString
    card: Card | None
    reposted_by: User | None
    is_liked: bool
    is_reposted: bool
    is_kept: bool
    is_mine: bool


def present(posts: Iterable[Post], viewer: User | None) -> list[PostView]:
    """Return `posts` ready to draw, in their order. They must come from `visible_to(viewer).for_page(viewer)`."""
    entries = list(posts)
    shown = [entry.repost_of or entry for entry in entries]
    links = {post.pk: text.links(post.text) for post in shown}
    found = cards.resolve({url for urls in links.values() for url in urls}, viewer)
    return [
        _view(entry, post, viewer, {url: found[url] for url in links[post.pk] if url in found})
        for entry, post in zip(entries, shown, strict=True)
    ]


def present_one(post: Post, viewer: User | None) -> PostView:
    return present([post], viewer)[0]


def _view(entry: Post, post: Post, viewer: User | None, own_cards: dict[str, Card]) -> PostView:
    url, card = next(iter(own_cards.items()), ("", None))
    return PostView(
        entry=entry,
        post=post,
        html=text.render(post.text, hidden_link=url),
        card=card,
        reposted_by=entry.author if entry.repost_of_id else None,
        is_liked=getattr(entry, "is_liked", False),
        is_reposted=getattr(entry, "is_reposted", False),
        is_kept=getattr(entry, "is_kept", False),
        is_mine=viewer is not None and post.author_id == viewer.pk,
    )
