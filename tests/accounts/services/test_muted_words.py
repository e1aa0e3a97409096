"""What a muted word hides and what not, for how long, and how many there may be."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import MutedWord, User
from accounts.services import muted_words

HIDES = [
    ("cat", "My cat sleeps", True),
    ("cat", "CAT!", True),
    ("cat", "(#cat)", True),
    ("cat", "category", False),
    ("cat", "bobcat", False),
    ("cat", "cat_food", False),
    ("#cat", "a #cat here", True),
    ("#cat", "a cat here", False),
    ("#cat", "#category", False),
    ("new york", "I love New\n  York.", True),
    ("new york", "new yorker", False),
    ("straße", "STRASSE 5", True),
    ("İstanbul", "i̇stanbul'da", True),
    ("café", "cafe\u0301 au lait", True),
    ("café", "cafe au lait", False),
    ("привет", "Привет, мир", True),
    ("привет", "приветствие", False),
    ("猫", "黒猫がいる", True),
    ("ネコ", "ﾈｺ", True),  # Half-width kana are the same letters.
    ("แมว", "ฉันรักแมวมาก", True),
    ("❤️", "love ❤ it", True),
    ("👨‍👩‍👧", "the 👨‍👩‍👧 came", True),
    ("c++", "I write C++.", True),
    (".*", "anything at all", False),
    ("a|b", "a", False),
    ("kucing", "Kucing-kucing", True),
    # Tags, as tag pages tell them apart.
    ("#cafe\u0301", "#CAFÉ!", True),
    ("#ＡＢＣ", "#abc", True),
    ("#東京", "今日は＃東京、", True),
    ("#می\u200cخواهم", "#میخواهم", True),
    ("#हिन्द", "#हिन्दी", False),
    ("#ぼっち", "#ぼっち・ざ・ろっく", False),
    ("#ぼっち・ざ・ろっく", "＃ぼっち・ざ・ろっく！", True),
    ("#トロピカル〜ジュ", "#トロピカル～ジュ", True),
    ("#cat", "bob#cat https://example.org/#cat", False),
    ("#1", "we are #1", True),
    ("#☕", "#☕ please", True),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("word", "text", "hidden"), HIDES)
def test_it_hides_by_whole_words_in_every_script(
    maya: User, word: str, text: str, hidden: bool
) -> None:
    assert not muted_words.mutes(maya)(text)
    muted_words.add(maya, word)
    assert MutedWord.objects.get().word == word
    assert (muted_words.muters_of(text, [maya.pk]) == {maya.pk}) is hidden


@pytest.mark.django_db(transaction=True)
def test_it_holds_at_once_for_its_owner_alone_and_until_taken_away(maya: User, budi: User) -> None:
    assert not muted_words.mutes(maya)("rain today")
    word = muted_words.add(maya, "rain")
    assert muted_words.mutes(maya)("rain today")
    assert not muted_words.mutes(budi)("rain today")
    assert not muted_words.mutes(None)("rain today")
    muted_words.remove(budi, word.pk)
    assert muted_words.mutes(maya)("rain today")
    muted_words.remove(maya, word.pk)
    assert not muted_words.mutes(maya)("rain today")


@pytest.mark.django_db
def test_it_ends_with_its_time(maya: User) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        muted_words.add(maya, "final", "day")
        clock.shift(timedelta(hours=23, minutes=59))
        assert muted_words.muters_of("The final", [maya.pk])
        clock.shift(timedelta(minutes=1))
        assert not muted_words.muters_of("The final", [maya.pk])
        assert muted_words.sweep() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("word", "lasts", "code"),
    [
        ("", "forever", "empty"),
        (" \x00\n", "forever", "empty"),
        ("#", "forever", "empty"),
        ("x" * 101, "forever", "too_long"),
        ("\ufdfa" * 50, "forever", "too_long"),  # 900 letters to compare.
        ("x", "century", "bad_time"),
    ],
)
def test_it_refuses_in_words(maya: User, word: str, lasts: str, code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        muted_words.add(maya, word, lasts)
    assert refusal.value.code == code


@pytest.mark.django_db
def test_it_takes_two_hundred_and_no_more(maya: User) -> None:
    MutedWord.objects.bulk_create(
        MutedWord(owner=maya, word=f"w{n}", folded=f"w{n}") for n in range(200)
    )
    with pytest.raises(ValidationError) as refusal:
        muted_words.add(maya, "another")
    assert refusal.value.code == "too_many"
    muted_words.add(maya, "W7", "week")  # One of them again, with a time.
    assert MutedWord.objects.get(folded="w7").until is not None


@pytest.mark.django_db
def test_it_asks_the_database_once_for_all_pages_of_a_minute(
    maya: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    muted_words.mutes(maya)
    with django_assert_num_queries(0):
        muted_words.mutes(maya)
