from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.realtime import page_hints
from accounts.realtime.messages import PersonMessage, PostsHint
from config.celery import app
from posts import live_updates
from posts.services import interactions, posting
from tests.accounts.people import make_follow

Told = list[tuple[list[int], PersonMessage]]
Capture = Callable[..., Any]  # Any: a context manager of pytest-django.


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    found: Told = []
    monkeypatch.setattr(page_hints, "tell", lambda ids, hint: found.append((sorted(ids), hint)))
    return found


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []

    def record(_name: str, args: list[int], **_options: object) -> None:
        found.extend(args)

    monkeypatch.setattr(app, "send_task", record)
    return found


def test_it_tells_followers_and_nobody_else(maya: User, budi: User, noor: User, told: Told) -> None:
    make_follow(budi, maya)
    make_follow(maya, noor)
    post = posting.publish(maya, "New")
    assert live_updates.tell_followers(post.pk) == 1
    assert told == [([budi.pk], PostsHint(post.pk))]


def test_it_tells_nobody_who_is_suspended_nor_of_a_post_that_is_gone(
    maya: User, budi: User, told: Told
) -> None:
    make_follow(budi, maya)
    budi.is_active = False
    budi.save()
    assert live_updates.tell_followers(posting.publish(maya, "New").pk) == 0
    assert live_updates.tell_followers(10**9) == 0


def test_it_tells_a_limited_number_those_who_were_here_last(
    maya: User, budi: User, noor: User, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_updates, "MOST_TOLD", 1)
    make_follow(budi, maya)
    make_follow(noor, maya)
    User.objects.filter(pk=noor.pk).update(last_login=maya.date_joined)
    post = posting.publish(maya, "New")
    live_updates.tell_followers(post.pk)
    assert told == [([noor.pk], PostsHint(post.pk))]


def test_it_announces_after_the_commit_posts_and_reposts_but_no_replies(
    maya: User, budi: User, sent: list[int], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        post = posting.publish(maya, "New")
        posting.publish(budi, "Answer", reply_to=post)
        posting.publish(maya, "From an import", created_at=post.created_at)
        interactions.repost(budi, post)
        assert sent == []
    assert sent == [post.pk, budi.posts.get(repost_of=post).pk]
