import pytest

from accounts.models import MutedWord, User
from tests.accounts.people import HTMX, browser_of

pytestmark = pytest.mark.django_db


def test_it_adds_shows_and_takes_away(maya: User, budi: User) -> None:
    browser = browser_of(maya)
    assert (
        browser.post("/settings/muted-words/", {"word": "<b>rain</b>", "lasts": "week"}).status_code
        == 302
    )
    page = browser.get("/settings/muted-words/").text
    assert "&lt;b&gt;rain" in page
    word = MutedWord.objects.get()
    path = f"/settings/muted-words/{word.pk}/remove/"
    assert browser_of(budi).post(path).status_code == 302
    assert MutedWord.objects.exists()
    assert browser.get(path).status_code == 405
    assert browser.post(path, headers=HTMX).content == b""
    assert not MutedWord.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        {"word": "", "lasts": "week"},
        {"word": "x" * 101, "lasts": "day"},
        {"word": "x", "lasts": "aeon"},
    ],
)
def test_it_says_what_is_wrong(maya: User, sent: dict[str, str]) -> None:
    answer = browser_of(maya).post("/settings/muted-words/", sent)
    assert answer.status_code == 422
    assert "field__error" in answer.text
    assert not MutedWord.objects.exists()


def test_it_is_nothing_for_visitors() -> None:
    assert browser_of(None).get("/settings/muted-words/").status_code == 302
