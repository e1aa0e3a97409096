"""Posts as a kind of thing: how notifications, reports and exports speak of them."""

from accounts.extension_points.data_export import Export
from accounts.extension_points.kinds import (
    NO_EVIDENCE,
    Description,
    Evidence,
    Moderation,
    ThingKind,
)
from accounts.models import Decision, User
from posts import data_export
from posts.models import Post
from posts.services import posting

EARLIER_TEXTS = 10  # Of before edits, kept as evidence.


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    posts = Post.objects.filter(pk__in=ids).visible_to(viewer)
    return {post.pk: Description(post.get_absolute_url(), post.summary) for post in posts}


def author_of(pk: int) -> User | None:
    post = Post.objects.filter(pk=pk).select_related("author").first()
    return post.author if post else None


def evidence_of(pk: int) -> Evidence:
    post = Post.objects.filter(pk=pk).select_related("author", "reply_to__author").first()
    if post is None:
        return NO_EVIDENCE
    images = list(post.images.all())
    facts: dict[str, object] = {
        "author": post.author.handle,
        "text": post.text,
        "written": post.created_at.isoformat(),
        "earlier": [version.text for version in post.versions.all()[:EARLIER_TEXTS]],
        "descriptions": [image.alt for image in images if image.alt],
    }
    if post.reply_to:
        facts["answers"] = f"@{post.reply_to.author.handle}: {post.reply_to.text}"
    return Evidence(facts, tuple(image.file for image in images))


def remove(pk: int, staff: User) -> None:
    post = Post.objects.filter(pk=pk).first()
    if post is None:
        raise LookupError("The post is gone.")
    posting.take_down(post)


POST = ThingKind(
    "post",
    describe=describe,
    moderation=Moderation(author_of, evidence_of, actions={Decision.Action.REMOVE: remove}),
    compose=None,
    export=Export("posts", data_export.posts),
    link_cards=None,
)
