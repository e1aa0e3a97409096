import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import relationships
from posts.models import Message
from posts.services import conversations, messaging
from tests.accounts.people import HTMX, browser_of, make_follow
from tests.html import folded
from tests.posts.services.test_messaging import webp

PAGES = ["/messages/", "/messages/requests/", "/messages/to/maya/"]


@pytest.mark.parametrize("path", PAGES)
def test_it_is_for_people_with_an_account(maya: User, budi: User, path: str) -> None:
    assert browser_of(None).get(path)["Location"].startswith("/account/login/")
    assert browser_of(budi).get(path).status_code == 200


def test_it_writes_a_first_message_and_leads_into_the_conversation(maya: User, budi: User) -> None:
    answer = browser_of(budi).post("/messages/to/maya/", {"text": "Hello <script>"})
    message = Message.objects.get()
    assert answer["Location"] == f"/messages/{message.conversation_id}/"
    page = browser_of(budi).get(answer["Location"]).content.decode()
    assert "Hello &lt;script&gt;" in page
    assert browser_of(budi).get("/messages/to/maya/")["Location"] == answer["Location"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_is_not_there_for_anybody_else(maya: User, budi: User, noor: User, method: str) -> None:
    message = messaging.send(maya, budi, "Between us")
    for path in ("", "accept/", "delete/"):
        answer = getattr(browser_of(noor), method)(
            f"/messages/{message.conversation_id}/{path}", {"text": "x"}
        )
        assert answer.status_code in {404, 405}
        assert "Between us" not in answer.content.decode()
    assert Message.objects.count() == 1


def test_it_answers_the_watcher_with_what_is_new_and_nothing_otherwise(
    maya: User, budi: User
) -> None:
    make_follow(maya, budi)
    make_follow(budi, maya)
    first = messaging.send(maya, budi, "one")
    url, browser = f"/messages/{first.conversation_id}/", browser_of(budi)
    assert browser.get(url, {"after": first.pk, "read": 0}, headers=HTMX).status_code == 204
    messaging.send(maya, budi, "two")
    fragment = browser.get(url, {"after": first.pk, "read": 0}, headers=HTMX).content.decode()
    assert "two" in fragment
    assert ">one<" not in fragment
    assert 'id="watch"' in fragment


def test_it_tells_the_sender_when_it_was_read(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    message = messaging.send(maya, budi, "one")
    url, browser = f"/messages/{message.conversation_id}/", browser_of(maya)
    assert "Read" not in browser.get(url).content.decode()
    browser_of(budi).get(url)
    assert (
        "Read" in browser.get(url, {"after": message.pk, "read": 0}, headers=HTMX).content.decode()
    )


def test_it_keeps_a_look_at_a_request_secret(maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "one")
    url = f"/messages/{message.conversation_id}/"
    assert "Accept" in browser_of(budi).get(url).content.decode()
    assert "Read" not in browser_of(maya).get(url).content.decode()
    browser_of(budi).post(f"{url}accept/")
    browser_of(budi).get(url)
    assert "Read" in browser_of(maya).get(url).content.decode()


def test_it_sends_with_htmx_and_returns_the_end_of_the_log(maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "one")
    url = f"/messages/{message.conversation_id}/"
    answer = (
        browser_of(maya)
        .post(url, {"text": "two", "after": message.pk}, headers=HTMX)
        .content.decode()
    )
    assert "two" in answer
    assert "<html" not in answer


def test_it_refuses_across_a_block_and_offers_no_envelope(maya: User, budi: User) -> None:
    assert "/messages/to/maya/" in browser_of(budi).get("/@maya/").content.decode()
    message = messaging.send(budi, maya, "one")
    relationships.block(maya, budi)
    assert (
        browser_of(budi).post(f"/messages/{message.conversation_id}/", {"text": "x"}).status_code
        == 403
    )
    assert (
        "cannot write"
        in browser_of(budi).get(f"/messages/{message.conversation_id}/").content.decode()
    )
    assert "/messages/to/maya/" not in browser_of(budi).get("/@maya/").content.decode()


def test_it_says_what_is_wrong_with_an_empty_message(maya: User, budi: User) -> None:
    page = browser_of(budi).post("/messages/to/maya/", {"text": " "}, follow=True).content.decode()
    assert "Write something first." in page


def test_it_shows_a_count_at_the_tab(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    messaging.send(budi, maya, "one")
    assert 'data-count="messages"> <span class="vh">, </span> <span data-figure>1<' in folded(
        browser_of(maya).get("/")
    )


def test_it_deletes_for_oneself(maya: User, budi: User) -> None:
    message = messaging.send(budi, maya, "one")
    browser_of(budi).post(f"/messages/{message.conversation_id}/delete/")
    assert conversations.inbox(budi) == []
    assert Message.objects.count() == 1


def test_it_costs_the_same_for_long_conversations(
    maya: User, budi: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_follow(maya, budi)
    for number in range(60):
        message = messaging.send(budi, maya, f"{number}")
    browser = browser_of(maya)
    browser.get(f"/messages/{message.conversation_id}/")
    with django_assert_max_num_queries(10):
        browser.get(f"/messages/{message.conversation_id}/")


def test_it_answers_a_script_with_a_code_and_a_sentence(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    url = f"/messages/{messaging.send(maya, budi, 'one').conversation_id}/"
    browser = browser_of(maya)
    answer = browser.post(url, {"text": " "}, headers=HTMX)
    assert (answer.status_code, answer.json()) == (
        422,
        {"code": "empty", "message": "Write something first."},
    )
    relationships.block(budi, maya)
    answer = browser.post(url, {"text": "x"}, headers=HTMX)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_it_stops_a_flood(maya: User, budi: User) -> None:
    browser = browser_of(budi)
    answers = [
        browser.post("/messages/to/maya/", {"text": f"{number}"}, headers=HTMX)
        for number in range(61)
    ]
    assert [answer.status_code for answer in answers].count(200) == 60
    assert (answers[-1].status_code, answers[-1].json()["code"]) == (429, "rate_limited")
    assert browser.post("/messages/to/maya/", {"text": "x"}).status_code == 429


def test_it_sends_a_picture_by_a_plain_form(maya: User, budi: User) -> None:
    upload = SimpleUploadedFile("a.webp", webp(), "image/webp")
    answer = browser_of(budi).post(
        "/messages/to/maya/", {"text": "", "images": upload, "alt": "A river"}
    )
    page = browser_of(budi).get(answer["Location"]).text
    assert 'alt="A river"' in page
    bad = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", "image/png")
    assert (
        "not a picture"
        in browser_of(budi).post("/messages/to/maya/", {"images": bad}, follow=True).text
    )
    assert Message.objects.count() == 1


def test_it_takes_a_message_back_for_everybody(maya: User, budi: User, noor: User) -> None:
    make_follow(budi, maya)
    message = messaging.send(maya, budi, "Oops")
    url = f"/messages/{message.conversation_id}/message/{message.pk}/"
    assert [browser_of(who).post(f"{url}delete/").status_code for who in (noor, budi)] == [404, 403]
    answer = browser_of(maya).post(f"{url}delete/", headers=HTMX).text
    assert "Message deleted" in answer
    assert "Oops" not in browser_of(budi).get(url, headers=HTMX).text
    assert browser_of(maya).post(f"{url}delete/").status_code == 403  # It is gone already.


def test_it_draws_the_list_anew_for_the_page(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    message = messaging.send(budi, maya, "Hello there")
    browser = browser_of(maya)
    assert "Hello there" in browser.get("/messages/", headers=HTMX).text
    rows = browser.get("/messages/", {"here": message.conversation_id}, headers=HTMX).text
    assert 'aria-current="true"' in rows


def test_it_can_be_reported_by_who_may_read_it(maya: User, budi: User, noor: User) -> None:
    message = messaging.send(budi, maya, "Something bad")
    assert "Something bad" in browser_of(maya).get(f"/report/message/{message.pk}/").text
    assert browser_of(noor).get(f"/report/message/{message.pk}/").status_code == 404
