"""One form of each letter, and where a text is cut."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.db.folding import fold, pairs, pieces, place


@pytest.mark.parametrize(
    ("text", "words", "runs"),
    [
        ("The rivers, low!", ["the", "rivers", "low"], []),
        ("naïve_café", ["naive", "cafe"], []),
        ("iPhone用ケース2", ["iphone", "2"], ["用ケース"]),
        ("ภาษาไทย ๕๐", ["50"], ["ภาษาไทย"]),
        ("ジョン・レノン", [], ["ジョン", "レノン"]),
        ("ｶﾞｷﾞ", [], ["ガギ"]),
        ("か\u3099", [], ["が"]),
        ("각", [], ["각"]),
        ("हिन्दी বাংলা தமிழ்", ["हिन्दी", "বাংলা", "தமிழ்"], []),
        ("मे\u200dल", ["मेल"], []),
        ("a\u200bb ក\u200bខ", ["a", "b"], ["កខ"]),
        ("й ї ё ѓ", ["й", "ї", "е", "ѓ"], []),
        ("ﷺ", ["صلي", "الله", "عليه", "وسلم"], []),
        ("أإآٱ مؤمن", ["اااا", "مؤمن"], []),
        ("x" * 100, ["x" * 64], []),
        ("\u0489\ufe0f 🎉 \ud800 \x00", [], []),
        ("", [], []),
    ],
)
def test_it_cuts_a_text_into_words_and_runs(text: str, words: list[str], runs: list[str]) -> None:
    assert pieces(text) == (words, [unicodedata.normalize("NFC", run) for run in runs])


def test_it_pairs_each_letter_of_a_run_with_the_next() -> None:
    assert pairs("行きます") == ["行き", "きま", "ます", "す"]
    assert pairs("猫") == ["猫"]


@example("\u1e9e\u0130\u0149\ufb03\u0344")
@given(st.text())
def test_it_leaves_alone_what_is_folded(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_it_makes_nothing_of_pieces_that_a_query_could_mean(text: str) -> None:
    words, runs = pieces(text)
    assert not set("".join(words + runs)) & set("'\"\\ \x00*:&|!()<>-")
    assert all(words) and all(runs)


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("one Café two", ["cafe"], 4),
        ("\ufdfa محمد", ["مُحَمَّد"], 2),
        ("ßß river", ["river"], 3),
        ("a river", ["low", "river", "a"], 0),
        ("nothing", ["river"], 0),
        ("", ["river"], 0),
    ],
)
def test_it_says_where_a_word_stands_in_the_text_as_written(
    text: str, words: list[str], at: int
) -> None:
    assert place(text, words) == at
