from collections.abc import Callable

import pytest

from accounts.models import Notification, User
from accounts.services import relationships
from posts import account_deletion
from posts.models import Bookmark, Like, Post
from posts.services import interactions, posting

PAIRS = [
    (interactions.like, interactions.unlike, "like_count", "like"),
    (interactions.repost, interactions.unrepost, "repost_count", "repost"),
]
Verb = Callable[[User, Post], None]


@pytest.fixture
def post(maya: User) -> Post:
    return posting.publish(maya, "Two hands above the mark")


@pytest.mark.parametrize(("on", "off", "field", "kind"), PAIRS)
def test_it_counts_a_press_once(
    post: Post, budi: User, on: Verb, off: Verb, field: str, kind: str
) -> None:
    for expected, verb in [(1, on), (1, on), (0, off), (0, off)]:
        verb(budi, post)
        post.refresh_from_db()
        assert getattr(post, field) == expected


@pytest.mark.parametrize(("on", "off", "field", "kind"), PAIRS)
def test_it_tells_the_author_and_takes_it_back(
    post: Post, budi: User, on: Verb, off: Verb, field: str, kind: str
) -> None:
    on(budi, post)
    assert [row.kind for row in Notification.objects.filter(recipient=post.author)] == [kind]
    off(budi, post)
    assert not Notification.objects.exists()


@pytest.mark.parametrize("verb", [interactions.like, interactions.repost, interactions.bookmark])
@pytest.mark.parametrize("wall", ["block", "blocked", "protected", "suspended"])
def test_it_refuses_what_one_may_not_read(post: Post, budi: User, verb: Verb, wall: str) -> None:
    if wall.startswith("block"):
        relationships.block(*((post.author, budi) if wall == "block" else (budi, post.author)))
    if wall == "protected":
        User.objects.filter(pk=post.author_id).update(is_protected=True)
    if wall == "suspended":
        User.objects.filter(pk=post.author_id).update(is_active=False)
    with pytest.raises(PermissionError):
        verb(budi, post)
    assert not Like.objects.exists()
    assert not Bookmark.objects.exists()
    assert Post.objects.count() == 1


def test_it_likes_the_original_of_a_repost(post: Post, budi: User, noor: User) -> None:
    interactions.repost(budi, post)
    interactions.like(noor, Post.objects.get(repost_of=post))
    assert Like.objects.get().post == post


def test_it_reposts_nothing_protected_even_by_its_author(maya: User, post: Post) -> None:
    User.objects.filter(pk=maya.pk).update(is_protected=True)
    maya.refresh_from_db()
    with pytest.raises(PermissionError):
        interactions.repost(maya, Post.objects.get(pk=post.pk))


def test_it_tells_nobody_of_a_bookmark(post: Post, budi: User) -> None:
    interactions.bookmark(budi, post)
    interactions.bookmark(budi, post)
    assert Bookmark.objects.count() == 1
    assert not Notification.objects.exists()
    interactions.unbookmark(budi, post)
    assert not Bookmark.objects.exists()


def test_it_counts_who_is_away_until_they_are_gone(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Hello")
    interactions.like(budi, post)
    posting.publish(budi, "Hi", reply_to=post)
    User.objects.filter(pk=budi.pk).update(is_active=False)
    post.refresh_from_db()
    assert (post.like_count, post.reply_count) == (1, 1), "They may come back."
    account_deletion.empty(budi)
    post.refresh_from_db()
    assert (post.like_count, post.reply_count) == (0, 0)
