import pytest

from config.rendering.durations import in_words


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (90 * 60, "90 minutes"),
        (3600, "1 hour"),
        (86400, "24 hours"),
        (36 * 3600, "36 hours"),
        (30 * 86400, "30 days"),
    ],
)
def test_it_says_how_long(duration_s: int, words: str) -> None:
    assert in_words(duration_s) == words
