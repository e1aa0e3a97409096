"""Tags of posts that were there before the rules changed are read anew, step by step."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from config.celery import app
from posts import tasks
from posts.models import Hashtag, Post, TagReading
from posts.services import hashtags, posting, timelines, trends

WORDS = ["#हिन्दी", "#cafe\u0301", "＃東京", "#river", "no tag", "#ＡＢＣ #abc"]
TAGS = [{"हिन्दी"}, {"caf\u00e9"}, {"東京"}, {"river"}, set(), {"abc"}]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashtags, "POSTS_A_STEP", 2)


@pytest.fixture
def old(maya: User) -> list[Post]:
    """Posts with the tags that `re` and casefold found in them."""
    posts = [posting.publish(maya, text) for text in WORDS]
    for post, names in zip(
        posts, [["हिन"], ["cafe"], [], ["river"], [], ["ａｂｃ", "abc"]], strict=True
    ):
        post.hashtags.all().delete()
        for name in names:
            Hashtag.objects.create(post=post, name=name, shown=name, created_at=post.created_at)
    return posts


def tags(posts: list[Post]) -> list[set[str]]:
    return [set(post.hashtags.values_list("name", flat=True)) for post in posts]


def test_it_reads_all_posts_newest_first_and_then_no_more(old: list[Post]) -> None:
    steps = [hashtags.read_anew()]
    assert tags(old)[-2:] == TAGS[-2:]
    assert tags(old)[0] == {"हिन"}
    while steps[-1]:
        steps.append(hashtags.read_anew(steps[-1]))
    assert steps == [old[4].pk, old[2].pk, old[0].pk, 0]
    assert tags(old) == TAGS
    assert hashtags.read_anew() == 0


def test_it_keeps_when_a_tag_was_used_and_writes_nothing_that_is_right(old: list[Post]) -> None:
    river = Hashtag.objects.get(name="river")
    Post.objects.update(created_at=timezone.now() - timedelta(days=2))
    read_all()
    assert Hashtag.objects.get(name="river").pk == river.pk
    used_at = Hashtag.objects.get(name="東京").created_at
    assert used_at < timezone.now() - timedelta(days=1)
    trends.count()
    assert [trend.name for trend in trends.newest()] == ["river"]


def test_it_goes_on_after_a_restart_where_it_was(old: list[Post]) -> None:
    below = hashtags.read_anew()
    assert hashtags.read_anew() == 0  # Somebody is at it.
    with time_machine.travel(timezone.now() + timedelta(seconds=hashtags.IDLE_S + 1)):
        assert hashtags.read_anew() == old[2].pk < below
    assert tags(old)[2:] == TAGS[2:]


def test_it_leaves_a_step_to_the_one_who_did_it(old: list[Post]) -> None:
    below = hashtags.read_anew()
    assert hashtags.read_anew(below) == old[2].pk
    assert hashtags.read_anew(below) == 0


def test_it_does_a_step_again_without_harm(old: list[Post]) -> None:
    read_all()
    before = set(Hashtag.objects.values_list("pk", flat=True))
    TagReading.objects.all().delete()
    read_all()
    assert set(Hashtag.objects.values_list("pk", flat=True)) == before


def test_it_reads_in_the_background_until_all_is_read(
    old: list[Post], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.conf, "task_always_eager", True)
    tasks.read_tags()
    assert TagReading.objects.get().below == 0
    assert tags(old) == TAGS


def test_it_leaves_out_what_is_deleted_and_what_is_new(old: list[Post], maya: User) -> None:
    below = hashtags.read_anew()
    newer = posting.publish(maya, "#newer")
    posting.delete(maya, old[3])
    posting.edit(maya, old[2], "#edited")
    while below:
        below = hashtags.read_anew(below)
    assert tags([newer, old[2], old[1]]) == [{"newer"}, {"edited"}, TAGS[1]]


def test_it_shows_tag_pages_before_meanwhile_and_after(old: list[Post], client: Client) -> None:
    def shown(name: str) -> list[int]:
        assert client.get(f"/tags/{name}/").status_code == 200
        return [entry.post.pk for entry in timelines.with_hashtag(name, None).entries]

    assert shown("river") == [old[3].pk]
    below = hashtags.read_anew()
    assert shown("river") == [old[3].pk]
    assert shown("ABC") == shown("\uff21\uff22\uff23") == [old[5].pk]
    while below:
        below = hashtags.read_anew(below)
    assert [shown(text.split()[0][1:]) for text in WORDS if text != "no tag"] == [
        [old[place].pk] for place in (0, 1, 2, 3, 5)
    ]


def read_all() -> None:
    below = hashtags.read_anew()
    while below:
        below = hashtags.read_anew(below)
