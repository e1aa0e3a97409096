"""The cache holds JSON: what somebody else wrote into Redis is never run."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache

from accounts.services import avatar_rings, relationships
from config import redis_clients
from posts.models import Trend
from posts.services import fleet_row, posting, trends
from spaces.services import discovery
from tests.accounts.people import browser_of, person

KEY = "tests:json"


class _Evil:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


def _write(data: bytes | str) -> None:
    redis_clients.blocking().set(cache.make_key(KEY), data)


def test_it_never_runs_a_pickle_that_somebody_wrote_into_redis(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    _write(pickle.dumps(_Evil(mark)))
    assert cache.get(KEY, "none") == "none"
    assert cache.get_many([KEY]) == {}
    assert not mark.exists()


@pytest.mark.parametrize("data", [b"", b"j", b"j{", b"x", b"\x80\x05N.", b"j\xff", "j[1"])
def test_it_takes_what_it_cannot_read_for_a_miss(data: bytes | str) -> None:
    _write(data)
    assert cache.get(KEY) is None
    assert cache.get_or_set(KEY, lambda: 5) == 5


def test_it_keeps_apart_from_what_an_earlier_release_wrote() -> None:
    cache.set(KEY, [1], version=1)  # Where that release reads, and would fail on JSON.
    assert cache.get(KEY) is None
    assert cache.add(KEY, True)


@pytest.mark.parametrize(
    "value",
    [
        b"\x89PNG\r\n\x1a\n\x00",
        b"",
        b"12",
        "12",
        "\ud83d e\u0301 \U0001f600",
        12,
        -3,
        True,
        1.25,
        [1, "a", [None, False]],
        {"a": {"b": [1]}},
    ],
)
def test_it_gives_back_what_was_kept(value: object) -> None:
    cache.set(KEY, value)
    found = cache.get(KEY)
    assert found == value
    assert type(found) is type(value)
    assert cache.get_many([KEY]) == {KEY: value}


def test_it_counts() -> None:
    cache.add(KEY, 0, None)
    assert cache.incr(KEY) == 1
    assert cache.get(KEY) == 1


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1: "a"}, {2}, [(1,)], datetime.now(UTC), AnonymousUser(), {"a": {True: 1}}],
)
def test_it_refuses_what_would_come_back_as_something_else(value: object) -> None:
    with pytest.raises(TypeError):
        cache.set(KEY, value)


@pytest.mark.django_db
def test_trends_interests_rings_and_fleets_are_the_same_from_the_cache() -> None:
    alice = person("alice")
    Trend.objects.create(rank=1, name="cats", shown="Cats", use_count=3, people_count=2)
    assert [trend.shown for trend in trends.newest()] == ["Cats"]
    Trend.objects.all().delete()
    assert [str(trend) for trend in trends.newest()] == ["1. #Cats"]
    assert discovery.interests_of(alice, []) == discovery.interests_of(alice, [])
    author = fleet_row.FleetAuthor(alice.pk, is_unseen=True, is_followed=False)
    cache.set(fleet_row._cache_key(None), [[alice.pk, True, False]])
    assert fleet_row.authors_for(None) == [author]
    cache.set(avatar_rings._KEY, [[alice.pk, "/spaces/x/"]])
    assert avatar_rings.live_rings() == {alice.pk: "/spaces/x/"}


@pytest.mark.django_db
def test_nothing_that_pages_keep_is_a_pickle() -> None:
    maya, budi = person("maya"), person("budi")
    relationships.follow(budi, maya)
    posting.publish(maya, "A word #cats")
    for path in ("/", "/explore/", "/@maya/", "/spaces/"):
        assert browser_of(budi).get(path).status_code == 200
    kept = redis_clients.blocking()
    found = [kept.get(key) for key in kept.scan_iter(cache.make_key("*"))]
    assert {data[:1] for data in found if isinstance(data, bytes)} <= {b"j", b"b", b"0", b"1"}
    assert len(found) > 2
