import pytest

from accounts.models import User
from accounts.services import relationships
from posts.models import Message
from tests.accounts.people import HTMX, browser_of, make_follow

URL = "http://localhost:8000/spaces/abc/"


def test_it_sends_to_several_and_says_to_whom_not(maya: User, budi: User, noor: User) -> None:
    User.objects.filter(pk=noor.pk).update(direct_messages_from="nobody")
    form = {"url": URL, "people": ["budi", "noor"], "words": "Come in"}
    answer = browser_of(maya).post("/messages/share/", form, follow=True)
    assert "Sent to 1 person." in answer.text
    assert "Not sent to @noor" in answer.text
    assert Message.objects.get().text == f"Come in\n{URL}"


def test_it_makes_a_path_whole(maya: User, budi: User) -> None:
    browser_of(maya).post(
        "/messages/share/", {"url": "/spaces/abc/", "people": "budi"}, headers={"host": "localhost"}
    )
    assert Message.objects.get().text == "http://localhost/spaces/abc/"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/",
        "//evil.example/",
        "javascript:alert(1)",
        "http://[",
        f"/{'x' * 400}",
    ],
)
def test_it_shares_nothing_of_elsewhere(maya: User, budi: User, url: str) -> None:
    browser = browser_of(maya)
    assert browser.get("/messages/share/", {"url": url}).status_code == 404
    assert browser.post("/messages/share/", {"url": url, "people": "budi"}).status_code == 404
    assert not Message.objects.exists()


def test_it_asks_for_somebody_and_for_fewer_words(maya: User, budi: User, noor: User) -> None:
    browser = browser_of(maya)
    relationships.block(noor, maya)
    for people in ([], ["noor"], ["maya"], ["nobody"]):
        answer = browser.post("/messages/share/", {"url": URL, "people": people})
        assert (answer.status_code, "Choose somebody first." in answer.text) == (422, True)
    answer = browser.post("/messages/share/", {"url": URL, "people": "budi", "words": "x" * 501})
    assert answer.status_code == 422
    assert not Message.objects.exists()


def test_it_is_for_people_with_an_account(db: None) -> None:
    assert (
        browser_of(None)
        .get("/messages/share/", {"url": URL})["Location"]
        .startswith("/account/login/")
    )


def test_it_finds_people_while_one_types(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    browser = browser_of(maya)
    assert "@budi" in browser.get("/messages/share/", {"url": URL, "q": "Santo"}, headers=HTMX).text
    assert "@budi" in browser.get("/messages/share/", {"url": URL}).text
