"""Pages say the numbers of this site, in both languages."""

import pytest
from django.utils import translation

from accounts.models import User
from config.limits import LIMITS
from config.rendering.durations import in_words
from spaces.rooms.error_codes import ErrorCode
from spaces.rooms.error_texts import text_for
from tests.accounts.people import browser_of, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya() -> User:
    return person("maya")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (
            "/posts/compose/",
            [f'data-max="{LIMITS.post_chars}"', f"at most {LIMITS.post_images} pictures"],
        ),
        ("/fleets/new/", [f"Stands for {in_words(LIMITS.fleet_life_s)}", str(LIMITS.fleet_chars)]),
        ("/settings/muted-words/", [str(LIMITS.muted_words)]),
        (
            "/spaces/new/",
            [
                f"up to {LIMITS.space_topics}",
                f'data-max-chars="{LIMITS.space_title_chars}"',
                f"the replay stays for {in_words(LIMITS.replay_kept_s)}",
                f"from {in_words(LIMITS.early_start_s)} before",
            ],
        ),
        ("/spaces/?tab=replays", [f"here for {in_words(LIMITS.replay_kept_s)}"]),
    ],
)
def test_a_page_says_the_limit(maya: User, path: str, shown: list[str]) -> None:
    page = " ".join(browser_of(maya).get(path).content.decode().split())
    assert [text for text in shown if text not in page] == []


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        (ErrorCode.BAD_TITLE, [LIMITS.space_title_chars]),
        (ErrorCode.BAD_TOPICS, [LIMITS.space_topics, LIMITS.topic_chars]),
        (ErrorCode.BAD_TEXT, [LIMITS.caption_chars]),
        (ErrorCode.TOO_EARLY, [LIMITS.early_start_s]),
        (ErrorCode.BAD_TIME, [LIMITS.schedule_ahead_s]),
    ],
)
@pytest.mark.parametrize("language", ["en", "id"])
def test_a_refusal_says_the_limit(code: ErrorCode, numbers: list[int], language: str) -> None:
    with translation.override(language):
        is_time = code in {ErrorCode.TOO_EARLY, ErrorCode.BAD_TIME}
        words = [in_words(number) if is_time else str(number) for number in numbers]
        assert [word for word in words if word not in text_for(code)] == []


def test_the_dots_of_a_stage_are_its_seats(maya: User) -> None:
    from tests.spaces.town import live_space

    live_space(maya)
    page = browser_of(person("budi")).get("/spaces/").content.decode()
    assert f"1 of {LIMITS.stage_seats} seats taken" in page
