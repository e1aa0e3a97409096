from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.services import muted_words, relationships
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


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("zurich", ["cafe", "runner"]),
        ("ZÜRICH cafe", ["cafe"]),
        ("＠ＣＡＦＥ", ["cafe"]),
        ("baker", ["runner"]),
        ("lena bak", ["runner"]),
        ("елкин", ["elkin"]),
        ("하늘", ["elkin"]),
        ("料理", ["elkin"]),
        ("猫", []),
        ("\ud800", []),
        ("\u0640", []),
    ],
)
def test_it_finds_people_by_names_and_bios_in_any_form(
    db: None, query: str, found: list[str]
) -> None:
    person("cafe", display_name="Café Zürich")
    person("runner", display_name="Lena", bio="A baker in Zu\u0308rich")
    person("elkin", display_name="Ёлкин", bio="푸른하늘을 좋아해요。家庭料理")
    assert [one.handle for one in searching.people(query, None)] == found


def test_it_puts_who_is_called_so_before_who_writes_of_it(maya: User) -> None:
    person("a_fan", bio="I like Maya")
    person("zoe_maya")
    assert [one.handle for one in searching.people("maya", None)] == ["maya", "zoe_maya", "a_fan"]
    assert [one.handle for one in searching.people("maya", None, 2)] == ["maya", "zoe_maya"]
    assert [one.handle for one in searching.people_named("maya", None, 9)] == ["maya", "zoe_maya"]


def test_it_finds_nobody_by_a_bio_across_a_block(maya: User, budi: User) -> None:
    maya.bio = "日本語を話します"
    maya.save()
    assert searching.people("日本", budi) == [maya]
    relationships.block(maya, budi)
    assert searching.people("日本", budi) == []


def test_it_follows_a_post_from_its_writing_to_its_end(maya: User) -> None:
    post = posting.publish(maya, "明日行きます")
    assert [entry.post.pk for entry in searching.posts("行きます", None).entries] == [post.pk]
    posting.edit(maya, post, "Café tomorrow")
    assert searching.posts("行きます", None).entries == []
    assert [entry.post.pk for entry in searching.posts("cafe", None).entries] == [post.pk]
    posting.delete(maya, post)
    assert searching.posts("cafe", None).entries == []
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{searching.POSTS.name}"')
        assert cursor.fetchone() == (0,)


def test_it_finds_no_post_of_whom_one_muted_or_may_not_read(
    maya: User, budi: User, noor: User
) -> None:
    posting.publish(maya, "우리 공부하자")
    posting.publish(budi, "한국어공부")
    relationships.mute(noor, maya)
    relationships.block(budi, noor)
    assert searching.posts("공부", noor).entries == []
    muted_words.add(maya, "한국어공부")
    assert len(searching.posts("공부", maya).entries) == 1
    assert len(searching.posts("공부", None).entries) == 2


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
