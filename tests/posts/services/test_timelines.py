from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import quote

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from config.cursors import BadCursor, encode
from posts.models import Bookmark, Like, Post
from posts.services import interactions, posting, searching, threads, timelines
from posts.services.timelines import Cursor, TimelinePage
from tests.accounts.people import make_follow, person


def texts(page: TimelinePage) -> list[str]:
    return [view.post.text for view in page.entries]


def test_it_shows_my_people_and_me_newest_first(maya: User, budi: User, noor: User) -> None:
    make_follow(budi, maya)
    for author, words in [(maya, "one"), (noor, "stranger"), (budi, "two"), (maya, "three")]:
        posting.publish(author, words)
    assert texts(timelines.home(budi)) == ["three", "two", "one"]


def test_it_shows_replies_only_among_people_i_follow(maya: User, budi: User, noor: User) -> None:
    make_follow(budi, maya)
    far = posting.publish(noor, "far")
    mine = posting.publish(budi, "mine")
    posting.publish(maya, "to a stranger", reply_to=far)
    posting.publish(maya, "to me", reply_to=mine)
    posting.delete(noor, far)
    # An orphaned reply does not surface either.
    assert texts(timelines.home(budi)) == ["to me", "mine"]


def test_it_says_who_brought_a_repost(maya: User, budi: User, noor: User) -> None:
    make_follow(budi, maya)
    post = posting.publish(noor, "worth it")
    interactions.repost(maya, post)
    [view] = timelines.home(budi).entries
    assert (view.post, view.reposted_by) == (post, maya)


def test_it_hides_the_muted_and_what_others_repost_of_them(
    maya: User, budi: User, noor: User
) -> None:
    make_follow(budi, maya, noor)
    post = posting.publish(noor, "loud")
    interactions.repost(maya, post)
    relationships.mute(budi, noor)
    assert texts(timelines.home(budi)) == []
    # On their own page a muted person can be read.
    assert texts(timelines.of_person(noor, budi)) == ["loud"]


def test_it_hides_a_repost_of_whom_i_blocked_or_who_became_protected(
    maya: User, budi: User, noor: User
) -> None:
    make_follow(budi, maya)
    interactions.repost(maya, posting.publish(noor, "gone"))
    User.objects.filter(pk=noor.pk).update(is_protected=True)
    assert texts(timelines.home(budi)) == []
    User.objects.filter(pk=noor.pk).update(is_protected=False)
    assert texts(timelines.home(budi)) == ["gone"]
    relationships.block(noor, budi)
    assert texts(timelines.home(budi)) == []


@pytest.mark.parametrize(
    ("who", "sees"), [("visitor", False), ("stranger", False), ("follower", True), ("author", True)]
)
def test_it_decides_once_for_pages_search_tags_and_threads(
    budi: User, noor: User, who: str, sees: bool
) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    post = posting.publish(citra, "secret recipe #sambal")
    viewer = {"visitor": None, "stranger": noor, "follower": budi, "author": citra}[who]
    assert bool(threads.find(post.pk, viewer)) == sees
    for page in (
        timelines.of_person(citra, viewer),
        timelines.with_hashtag("Sambal", viewer),
        searching.posts("secret", viewer),
    ):
        assert bool(page.entries) == sees


def test_it_pages_through_posts_of_the_same_moment_without_loss(maya: User) -> None:
    noon = timezone.now()
    for number in range(45):
        Post.objects.create(
            author=maya, text=f"{number}", created_at=noon - timedelta(seconds=number // 10)
        )
    seen: list[str] = []
    after: Cursor | None = None
    for _ in range(3):
        page = timelines.home(maya, after)
        seen += texts(page)
        after = Cursor.parse(str(page.next or ""))
    assert len(seen) == len(set(seen)) == 45
    assert page.next is None


def test_it_does_not_repeat_what_moved_down_while_reading(maya: User) -> None:
    for number in range(25):
        posting.publish(maya, f"old {number}")
    first = timelines.home(maya)
    posting.publish(maya, "new")
    second = timelines.home(maya, first.next)
    assert not set(texts(first)) & set(texts(second))


@pytest.mark.parametrize(
    "raw",
    [
        "_",
        "x_1",
        "2026-11-20T12:00:00+00:00_1",
        "9" * 99,
        "A" * 22 + "=",
        "A" * 21 + "B",
        "AAAA AAAAAAAAAAAAAAAAA",
        "A" * 21 + "é",
        encode(2**62, 1),
        encode(1),
    ],
)
def test_it_refuses_a_mangled_cursor(raw: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.parse(raw)
    assert Cursor.parse("") is None


def test_it_reads_its_own_cursor() -> None:
    cursor = Cursor(datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC), 7)
    assert Cursor.parse(str(cursor)) == cursor
    assert quote(str(cursor), safe="") == str(cursor)  # Pasted unescaped, it stays what it is.


def test_it_puts_what_was_bookmarked_and_liked_last_first(maya: User, budi: User) -> None:
    old, middle, new = (posting.publish(maya, text) for text in ("old", "middle", "new"))
    for post in (new, middle, old):
        interactions.bookmark(budi, post)
        interactions.like(budi, post)
    interactions.bookmark(maya, new)
    interactions.like(maya, middle)
    assert texts(timelines.bookmarks(budi)) == ["old", "middle", "new"]
    assert texts(timelines.liked_by(budi, maya)) == ["old", "middle", "new"]


def test_it_pages_bookmarks_and_likes_of_the_same_moment_without_loss(
    maya: User, budi: User
) -> None:
    posts = [posting.publish(maya, f"{number}") for number in range(45)]
    for post in reversed(posts):
        interactions.bookmark(budi, post)
        interactions.like(budi, post)
    noon = timezone.now()
    Bookmark.objects.update(created_at=noon)
    Like.objects.update(created_at=noon)
    for page_of in (timelines.bookmarks, partial(timelines.liked_by, budi)):
        seen: list[str] = []
        page = page_of(budi)
        for _ in range(2):
            seen += texts(page)
            page = page_of(budi, Cursor.parse(str(page.next or "")))
        assert seen + texts(page) == [f"{number}" for number in range(45)]
        assert page.next is None


def test_it_counts_new_posts_of_others(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    posting.publish(maya, "seen")
    first = timelines.home(budi).first
    assert first
    posting.publish(budi, "mine does not count")
    posting.publish(maya, "new")
    assert timelines.new_since(budi, first) == 1


def test_it_shows_likes_and_bookmarks_of_readable_posts(maya: User, budi: User) -> None:
    post = posting.publish(maya, "kept")
    interactions.like(budi, post)
    interactions.bookmark(budi, post)
    assert texts(timelines.liked_by(budi, None)) == ["kept"]
    assert texts(timelines.bookmarks(budi)) == ["kept"]
    relationships.block(maya, budi)
    assert texts(timelines.bookmarks(budi)) == []


def test_it_marks_what_the_viewer_did_also_on_reposts(maya: User, budi: User, noor: User) -> None:
    make_follow(budi, noor)
    post = posting.publish(maya, "worth it")
    interactions.repost(noor, post)
    interactions.like(budi, post)
    interactions.bookmark(budi, post)
    [view] = timelines.home(budi).entries
    assert (view.is_liked, view.is_bookmarked, view.is_reposted, view.is_mine) == (
        True,
        True,
        False,
        False,
    )


def test_it_shows_what_a_post_answers_and_what_answers_it(maya: User, budi: User) -> None:
    top = posting.publish(maya, "top")
    middle = posting.publish(budi, "middle", reply_to=top)
    posting.publish(maya, "below", reply_to=middle)
    thread = threads.thread_of(middle, None)
    assert [view.post.text for view in [*thread.above, thread.lead, *thread.answers]] == [
        "top",
        "middle",
        "below",
    ]


def test_it_stops_where_a_post_above_is_hidden(maya: User, budi: User) -> None:
    top = posting.publish(maya, "top")
    reply = posting.publish(budi, "reply", reply_to=top)
    User.objects.filter(pk=maya.pk).update(is_protected=True)
    assert threads.thread_of(reply, None).above == []
