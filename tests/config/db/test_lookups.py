import pytest

from accounts.models import User
from config.db import lookups
from posts.models import Post
from posts.services import posting
from tests.accounts.people import person


@pytest.fixture
def maya(db: None) -> User:
    return person("maya")


def test_it_finds_what_in_finds(maya: User) -> None:
    budi, noor = person("budi"), person("noor")
    posts = [posting.publish(one, "River") for one in (maya, budi, noor)]
    reply = posting.publish(maya, "Yes", reply_to=posts[1])
    ids = frozenset({maya.pk, budi.pk})
    found = Post.objects.filter(author__among=ids).order_by("pk")
    assert list(found) == [posts[0], posts[1], reply]
    assert list(Post.objects.filter(reply_to__author__among=frozenset({budi.pk}))) == [reply]
    assert not Post.objects.filter(author__among=frozenset()).exists()
    assert list(Post.objects.exclude(author__among=ids)) == [posts[2]]


def test_it_sends_a_thousand_ids_as_one_parameter(maya: User) -> None:
    rows = Post.objects.filter(author__among=frozenset(range(1, 1001)))
    _sql, params = rows.query.sql_with_params()
    assert (len(params), lookups.Among.lookup_name) == (1, "among")
    assert list(rows) == []
