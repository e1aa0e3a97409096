"""What `posts.text` and muted words share; the scripts of the world stand in tests/posts/test_text.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import hashtags


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("#One, #two and (#three)", ["One", "two", "three"]),
        ("#one#two #话题#今天", ["one", "话题"]),
        ("#1 #_ # ## #☕", []),
        ("＃東京 a#b", ["東京"]),
    ],
)
def test_it_finds_the_names_of_hashtags(typed: str, names: list[str]) -> None:
    assert list(hashtags.names(typed)) == names


@given(st.text(max_size=200))
def test_it_folds_what_is_folded_to_itself(name: str) -> None:
    folded = hashtags.fold_tag(name)
    assert hashtags.fold_tag(folded) == folded
    assert len(folded) <= hashtags.NAME_CHARS


def test_it_folds_to_one_word() -> None:
    assert hashtags.fold_tag("ﷺ").split() == [hashtags.fold_tag("ﷺ")]
