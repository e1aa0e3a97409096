import pytest

from accounts.models import User
from config.db import full_text
from posts.models import Message
from posts.services import conversations, messaging
from posts.services.messaging import NewMessage
from tests.accounts.people import HTMX, browser_of, make_follow

SEARCH = "/messages/search/"


@pytest.fixture
def talk(maya: User, budi: User) -> Message:
    make_follow(maya, budi)
    make_follow(budi, maya)
    return messaging.send(maya, budi, NewMessage("The river <b>festival</b>"))


def test_it_asks_visitors_to_log_in(db: None) -> None:
    assert browser_of(None).get(SEARCH).headers["Location"].startswith("/account/login/")


def test_it_leads_to_the_message_in_its_conversation(talk: Message, budi: User) -> None:
    browser = browser_of(budi)
    html = browser.get(SEARCH, {"q": "river"}).content.decode()
    assert "The river &lt;b&gt;festival" in html
    link = f"/messages/{talk.conversation_id}/?at={talk.pk}"
    assert link in html
    page = browser.get(link).content.decode()
    assert f'data-at="m-{talk.pk}"' in page
    assert page.count("letter--found") == 1


def test_it_opens_among_older_and_newer_ones_and_leads_to_the_end(
    talk: Message, maya: User, budi: User
) -> None:
    Message.objects.bulk_create(
        Message(conversation_id=talk.conversation_id, sender=maya, text=f"Number {number}")
        for number in range(120)
    )
    sought = Message.objects.get(text="Number 60")
    browser, address = browser_of(budi), f"/messages/{talk.conversation_id}/"
    page = browser.get(address, {"at": sought.pk}).content.decode()
    for number, is_there in ((40, False), (41, True), (60, True), (100, True), (101, False)):
        assert (f">Number {number}<" in page) == is_there, number
    assert "To the newest messages" in page
    older = Message.objects.get(text="Number 41").pk
    assert f"?before={older}" in page
    assert "To the newest messages" not in browser.get(address).content.decode()


@pytest.mark.parametrize("at", ["0", "x", "9" * 30, "-1", "999999"])
def test_it_opens_at_the_end_for_what_is_no_message(talk: Message, budi: User, at: str) -> None:
    page = browser_of(budi).get(f"/messages/{talk.conversation_id}/", {"at": at})
    assert page.status_code == 200
    assert "data-at" not in page.content.decode()


def test_it_does_not_lead_to_a_message_of_another_conversation(
    talk: Message, maya: User, noor: User
) -> None:
    other = messaging.send(maya, noor, NewMessage("For Noor alone"))
    page = (
        browser_of(maya)
        .get(f"/messages/{talk.conversation_id}/", {"at": other.pk})
        .content.decode()
    )
    assert "For Noor alone" not in page.split("data-log")[1]
    assert "data-at" not in page


def test_it_says_when_nothing_was_found_and_before_one_has_asked(talk: Message, budi: User) -> None:
    browser = browser_of(budi)
    assert "Nothing found" in browser.get(SEARCH, {"q": "mountain"}).content.decode()
    assert "What are you looking for?" in browser.get(SEARCH).content.decode()
    assert browser.get(SEARCH, {"q": "a" * 5000}).status_code == 200
    assert browser.get(SEARCH, {"q": "river\x00"}).status_code == 200


def test_it_brings_the_next_page_alone(talk: Message, maya: User, budi: User) -> None:
    Message.objects.bulk_create(
        Message(conversation_id=talk.conversation_id, sender=maya, text=f"River {number}")
        for number in range(30)
    )
    full_text.catch_up()
    older = Message.objects.get(text="River 10").pk
    page = (
        browser_of(budi)
        .get(SEARCH, {"q": "river", "before": str(older)}, headers=HTMX)
        .content.decode()
    )
    assert "<main" not in page
    assert ("River 9" in page, "River 10" in page) == (True, False)


def test_it_is_refused_when_asked_too_often(budi: User) -> None:
    browser = browser_of(budi)
    answers = {browser.get(SEARCH, {"q": "x"}).status_code for _ in range(62)}
    assert answers == {200, 429}


def test_the_api_finds_the_same(talk: Message, maya: User, budi: User, noor: User) -> None:
    found = browser_of(budi).get("/api/v1/messages/search/", {"q": "river"}).json()
    assert [one["id"] for one in found["results"]] == [talk.pk]
    assert found["older"] is None
    named = browser_of(budi).get("/api/v1/messages/search/", {"q": "maya"}).json()
    assert [one["name"] for one in named["conversations"]] == ["Maya Okafor"]
    foreign = browser_of(noor).get("/api/v1/messages/search/", {"q": "river"}).json()
    assert foreign == {"conversations": [], "older": None, "results": []}


def test_the_list_offers_the_search(talk: Message, budi: User) -> None:
    assert f'action="{SEARCH}"' in browser_of(budi).get("/messages/").content.decode()
    assert conversations.inbox(budi)
