"""One muted word: gone from timelines, search and alerts, there where one asks for the person or
the post itself.
"""

import pytest

from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.services import muted_words
from posts.services import posting, searching, threads, timelines
from posts.services.timelines import TimelinePage
from tests.accounts.people import make_follow, person

pytestmark = pytest.mark.django_db(transaction=True)


def texts(page: TimelinePage) -> list[str]:
    return [view.post.text for view in page.entries]


@pytest.fixture
def reader() -> User:
    reader = person("reader")
    muted_words.add(reader, "spoiler")
    return reader


def test_it_hides_in_what_comes_by_itself(reader: User) -> None:
    author = person("author")
    make_follow(reader, author)
    posting.publish(author, "A SPOILER for #film")
    posting.publish(author, "Tea about #film")
    assert texts(timelines.home(reader)) == ["Tea about #film"]
    assert texts(timelines.public(reader)) == ["Tea about #film"]
    assert texts(timelines.with_hashtag("film", reader)) == ["Tea about #film"]
    assert texts(searching.posts("film", reader)) == ["Tea about #film"]
    assert len(texts(timelines.public(None))) == 2


def test_it_hides_a_repost_and_a_quote_of_it_and_not_ones_own(reader: User) -> None:
    author, friend = person("author"), person("friend")
    make_follow(reader, friend)
    bad = posting.publish(author, "spoiler")
    posting.publish(friend, "See this", quote_of=bad)
    own = posting.publish(reader, "my own spoiler")
    assert texts(timelines.home(reader)) == [own.text]


def test_it_shows_where_one_asks_for_it(reader: User) -> None:
    author = person("author")
    post = posting.publish(author, "spoiler")
    assert texts(timelines.of_person(author, reader)) == ["spoiler"]
    assert threads.find(post.pk, reader) == post


def test_it_counts_no_hidden_post_as_new(reader: User) -> None:
    author = person("author")
    make_follow(reader, author)
    posting.publish(author, "Tea")
    since = timelines.home(reader).first
    assert since
    posting.publish(author, "spoiler")
    posting.publish(author, "Biscuits")
    assert timelines.new_since(reader, since) == 1


def test_it_goes_on_past_a_page_of_hidden_ones(reader: User) -> None:
    author = person("author")
    make_follow(reader, author)
    posting.publish(author, "At the bottom")
    for number in range(timelines.PAGE * 2 + 1):
        posting.publish(author, f"spoiler {number}")
    assert texts(timelines.home(reader)) == ["At the bottom"]


def test_it_keeps_alerts_from_being_written_and_older_ones_from_being_shown(reader: User) -> None:
    author = person("author")
    posting.publish(author, "@reader a spoiler")
    assert notify.unread_count(reader) == 0
    posting.publish(author, "@reader biscuits")
    assert notify.unread_count(reader) == 1
    muted_words.add(reader, "biscuits")
    alerts, _more = notify.alerts_for(reader)
    assert alerts == []
    assert Notification.objects.filter(recipient=reader).count() == 1
