"""The pages of Fleets, with the refusals of each."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from posts.models import Fleet, FleetView, Message
from posts.services import fleets
from posts.services.posting import Picture
from tests.accounts.people import HTMX, browser_of, make_follow
from tests.accounts.test_pictures import encoded
from tests.html import folded
from tests.posts.services.test_fleets import FOLLOWERS, PUBLIC, webp

pytestmark = pytest.mark.django_db


def test_it_begins_with_what_the_viewer_has_not_seen_and_marks_only_that(
    maya: User, budi: User
) -> None:
    first, second, _third = (
        fleets.publish(maya, word, None, PUBLIC) for word in ("one", "two", "three")
    )
    fleets.mark_seen(budi, first)
    page = folded(browser_of(budi).get(f"/fleets/of/{maya.pk}/"))
    assert page.count("data-slide") == 3
    assert page.count("hidden>") >= 2
    assert f'aria-label="Fleet by {maya.name}, 2 of 3">' in page
    assert set(FleetView.objects.filter(viewer=budi).values_list("fleet_id", flat=True)) == {
        first.pk,
        second.pk,
    }


def test_it_leads_on_without_scripts(maya: User, budi: User) -> None:
    first, second = (fleets.publish(maya, word, None, PUBLIC) for word in ("one", "two"))
    assert f'href="/fleets/{second.pk}/"' in browser_of(budi).get(f"/fleets/{first.pk}/").text
    assert f'href="/fleets/{first.pk}/"' in browser_of(budi).get(f"/fleets/{second.pk}/").text


def test_it_is_not_there_for_strangers_when_it_is_for_followers(
    maya: User, budi: User, noor: User
) -> None:
    make_follow(budi, maya)
    fleet = fleets.publish(maya, "", Picture(webp()), FOLLOWERS)
    for path in (f"/fleets/{fleet.pk}/", f"/fleets/of/{maya.pk}/", f"/fleets/{fleet.pk}/picture/"):
        assert [browser_of(one).get(path).status_code for one in (budi, noor, None)] == [
            200,
            404,
            404,
        ], path
    for path in (f"/fleets/{fleet.pk}/seen/", f"/fleets/{fleet.pk}/reply/"):
        assert browser_of(noor).post(path, {"text": "hi"}).status_code == 404
        assert browser_of(None).post(path, {"text": "hi"}).status_code == 302
    assert not Message.objects.exists()


def test_its_picture_is_kept_by_nobody_and_ends_with_it(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "", Picture(webp()), PUBLIC)
    answer = browser_of(budi).get(fleet.picture_url)
    assert "no-store" in answer["Cache-Control"]
    assert b"".join(answer) == webp()
    Fleet.objects.filter(pk=fleet.pk).update(expires_at=timezone.now())
    assert browser_of(budi).get(fleet.picture_url).status_code == 404
    assert browser_of(maya).get(fleet.picture_url).status_code == 404


def test_it_sends_a_reply_as_a_message_with_a_card(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "The long way home", None, PUBLIC)
    answer = browser_of(budi).post(f"/fleets/{fleet.pk}/reply/", {"text": "❤️"}, headers=HTMX)
    assert "Sent to Maya Okafor" in answer["HX-Trigger"]
    message = Message.objects.get()
    assert message.text == f"❤️\nhttp://testserver/fleets/{fleet.pk}/"


@pytest.mark.parametrize(
    ("setting", "offered"), [("everyone", True), ("followed", False), ("nobody", False)]
)
def test_it_offers_a_reply_only_where_messages_are_open(
    maya: User, budi: User, setting: str, offered: bool
) -> None:
    User.objects.filter(pk=maya.pk).update(direct_messages_from=setting)
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    page = browser_of(budi).get(f"/fleets/{fleet.pk}/").text
    assert (f'action="/fleets/{fleet.pk}/reply/"' in page) is offered
    answer = browser_of(budi).post(f"/fleets/{fleet.pk}/reply/", {"text": "hi"})
    assert answer.status_code == (302 if offered else 403)
    assert Message.objects.exists() is offered


def test_it_refuses_an_empty_and_an_endless_reply(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    for words in (" ", "x" * 501):
        answer = browser_of(budi).post(f"/fleets/{fleet.pk}/reply/", {"text": words}, headers=HTMX)
        assert answer.status_code == 204
        assert "toast" in answer["HX-Trigger"]
    assert not Message.objects.exists()


def test_only_its_author_sees_who_saw_it_and_takes_it_down(maya: User, budi: User) -> None:
    fleet = fleets.publish(maya, "Hello", None, PUBLIC)
    browser_of(budi).get(f"/fleets/{fleet.pk}/")
    assert "Budi Santoso" in browser_of(maya).get(f"/fleets/{fleet.pk}/seen-by/").text
    assert browser_of(budi).get(f"/fleets/{fleet.pk}/seen-by/").status_code == 404
    assert browser_of(budi).post(f"/fleets/{fleet.pk}/delete/").status_code == 404
    assert browser_of(maya).get(f"/fleets/{fleet.pk}/delete/").status_code == 405
    assert browser_of(maya).post(f"/fleets/{fleet.pk}/delete/").status_code == 302
    assert not Fleet.objects.exists()


def test_it_is_put_up_with_picture_words_and_audience(maya: User) -> None:
    upload = SimpleUploadedFile("x.png", encoded("PNG", (40, 60)))
    sent = {"text": "Look", "picture": upload, "alt": "A hill", "audience": "followers"}
    assert browser_of(maya).post("/fleets/new/", sent).status_code == 302
    fleet = Fleet.objects.get()
    assert (fleet.text, fleet.alt, fleet.audience, fleet.width) == ("Look", "A hill", FOLLOWERS, 40)
    assert timedelta(hours=23) < fleet.expires_at - timezone.now() <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text": "", "audience": "public"}, "Write something or add a picture."),
        ({"text": "x" * 281, "audience": "public"}, "at most 280 characters"),
        ({"text": "hi", "audience": "martians"}, "martians"),
        (
            {"text": "hi", "audience": "public", "picture": SimpleUploadedFile("x.png", b"no")},
            "not a picture",
        ),
    ],
)
def test_it_says_beside_the_form_what_is_wrong(
    maya: User, sent: dict[str, object], said: str
) -> None:
    answer = browser_of(maya).post("/fleets/new/", sent)
    assert answer.status_code == 422
    assert said in answer.text
    assert not Fleet.objects.exists()


def test_it_stands_on_the_home_page_of_followers(maya: User, budi: User, noor: User) -> None:
    make_follow(budi, maya)
    fleets.publish(maya, "Hello", None, PUBLIC)
    shown = f'<a class="shelf__fleet" href="/fleets/of/{maya.pk}/">'
    assert shown in browser_of(budi).get("/").text
    assert shown not in browser_of(noor).get("/").text
    assert 'href="/fleets/new/"' in browser_of(noor).get("/").text


def test_it_costs_a_page_the_same_however_many_there_are(
    maya: User, budi: User, noor: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_follow(budi, maya, noor)
    browser = browser_of(budi)
    for _round in range(2):
        for author in (maya, noor):
            fleets.publish(author, "Hello", None, PUBLIC)
        browser.get("/")
        with django_assert_max_num_queries(12):
            browser.get("/")
        with django_assert_max_num_queries(14):
            browser.get(f"/fleets/of/{maya.pk}/")
