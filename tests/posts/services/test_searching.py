from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from posts.services import posting, searching, trends
from tests.accounts.people import make_follow, person


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("maya", ["maya"]),
        ("@MAYA", ["maya"]),
        ("okafor maya", ["maya"]),
        ("oka", ["maya"]),
        ("may oka", ["maya"]),
        ("maya nobody", []),
        ('"; DROP', []),
        ("maya' OR", []),
        ("nobody", []),
        ("  ", []),
        ("@", []),
        ("%", []),
        ("_", []),
    ],
)
def test_it_finds_people(maya: User, budi: User, noor: User, query: str, found: list[str]) -> None:
    assert sorted(one.handle for one in searching.people(query, None)) == sorted(found)


def test_it_puts_who_is_called_exactly_so_first(maya: User) -> None:
    person("maya2")
    person("suri", display_name="Suri Maya")
    assert [one.handle for one in searching.people("maya", None)] == ["maya", "maya2", "suri"]


def test_it_finds_nobody_across_a_block(maya: User, budi: User) -> None:
    relationships.block(maya, budi)
    assert searching.people("maya", budi) == []
    assert searching.people("budi", maya) == []


def test_it_finds_posts_with_all_words(maya: User) -> None:
    posting.publish(maya, "The river is low")
    posting.publish(maya, "The River is clear")
    assert len(searching.posts("RIVER the", None).entries) == 2
    assert len(searching.posts("river clear", None).entries) == 1
    assert searching.posts("", None).entries == []


def test_it_counts_a_tag_by_people_and_forgets_after_a_day(maya: User, budi: User) -> None:
    for author, words in [
        (maya, "#loud"),
        (maya, "#loud"),
        (maya, "#loud"),
        (maya, "#shared"),
        (budi, "#shared"),
    ]:
        posting.publish(author, words)
    posting.publish(maya, "#old", created_at=timezone.now() - timedelta(hours=25))
    assert trends.newest() == []  # No page counts.
    assert trends.count() == 2
    assert [(trend.name, trend.use_count) for trend in trends.newest()] == [
        ("shared", 2),
        ("loud", 3),
    ]
    assert trends.count() == 2  # Again, in place of the old.


def test_it_suggests_whom_my_people_follow_and_not_whom_i_know(
    maya: User, budi: User, noor: User
) -> None:
    eka, oki, gita = person("eka"), person("oki"), person("gita")
    make_follow(maya, budi, noor)
    make_follow(budi, eka, oki)
    make_follow(noor, eka)
    relationships.mute(maya, oki)
    assert [one.handle for one in searching.people_to_meet(maya)] == ["eka", "gita"]
    relationships.block(gita, maya)
    assert [one.handle for one in searching.people_to_meet(maya)] == ["eka"]
