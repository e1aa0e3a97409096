import pytest

from config.limits import Limits, read


def test_it_has_the_numbers_of_the_rules() -> None:
    limits = read("")
    assert limits == Limits()
    assert limits.stage_seats == 1 + limits.cohosts + limits.speakers  # RULES §5.


def test_it_changes_only_what_is_named() -> None:
    assert read('{"post_chars": 500}') == Limits(post_chars=500)


def test_it_takes_speakers_seats_away_with_the_stage() -> None:
    assert read('{"stage_seats": 9}').speakers == 6


@pytest.mark.parametrize(
    "text",
    [
        '{"no_such_limit": 1}',
        '{"post_chars": -1}',
        '{"post_chars": "many"}',
        '{"post_chars": true}',
        '{"post_chars": 10001}',  # The column takes no more.
        '{"stage_seats": 51}',  # Nor does a relay.
        '{"stage_seats": 3}',  # No seat for a speaker.
        "{",
        "[1]",
    ],
)
def test_it_refuses_what_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match=r"PARLEY_LIMITS|Expecting"):
        read(text)
