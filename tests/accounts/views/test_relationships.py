import pytest
from django.test import Client

from accounts.models import Block, Follow, FollowRequest, Mute, User
from tests.accounts.people import HTMX, browser_of, make_follow, person


def test_it_follows_and_returns_the_button_that_undoes_it(maya: User, budi: User) -> None:
    browser = browser_of(budi)
    button = browser.post("/@maya/follow/", {"on": "1"}, headers=HTMX).content.decode()
    assert Follow.objects.count() == 1
    assert 'name="on" value="0"' in button
    assert "<html" not in button
    browser.post("/@maya/follow/", {"on": "0"}, headers=HTMX)
    assert not Follow.objects.exists()


def test_it_works_as_a_plain_form_and_goes_back(maya: User, budi: User) -> None:
    answer = browser_of(budi).post(
        "/@maya/follow/", {"on": "1"}, headers={"Referer": "http://testserver/explore/"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/explore/")


def test_it_goes_back_to_no_foreign_page(maya: User, budi: User) -> None:
    answer = browser_of(budi).post(
        "/@maya/follow/", {"on": "1"}, headers={"Referer": "https://evil.example/"}
    )
    assert answer["Location"] == "/@maya/"


@pytest.mark.parametrize("verb", ["follow", "mute", "block", "request", "remove-follower"])
def test_it_refuses_visitors_and_links(maya: User, budi: User, verb: str) -> None:
    assert browser_of(budi).get(f"/@maya/{verb}/").status_code in {404, 405}
    answer = browser_of(None).post(f"/@maya/{verb}/", {"on": "1"})
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")


@pytest.mark.parametrize("verb", ["follow", "mute", "block"])
def test_it_refuses_oneself_and_the_unknown(maya: User, verb: str) -> None:
    assert browser_of(maya).post(f"/@maya/{verb}/", {"on": "1"}).status_code == 403
    assert browser_of(maya).post(f"/@nobody/{verb}/", {"on": "1"}).status_code == 404


def test_it_refuses_to_follow_who_blocked_me(maya: User, budi: User) -> None:
    Block.objects.create(blocker=maya, blocked=budi)
    assert browser_of(budi).post("/@maya/follow/", {"on": "1"}, headers=HTMX).status_code == 403


def test_it_blocks_and_shows_the_page_again(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    answer = browser_of(maya).post(
        "/@budi/block/", {"on": "1"}, headers=HTMX | {"HX-Current-URL": "http://testserver/@budi/"}
    )
    assert Block.objects.count() == 1
    assert not Follow.objects.exists()
    assert '"visit"' in answer["HX-Trigger"]
    browser_of(maya).post("/@budi/block/", {"on": "0"})
    assert not Block.objects.exists()


def test_it_mutes_and_unmutes(maya: User, budi: User) -> None:
    browser = browser_of(maya)
    browser.post("/@budi/mute/", {"on": "1"})
    assert Mute.objects.count() == 1
    assert "budi" in browser.get("/settings/hidden/").content.decode()
    browser.post("/@budi/mute/", {"on": "0"})
    assert not Mute.objects.exists()


@pytest.mark.parametrize(("on", "follows"), [("1", 1), ("0", 0)])
def test_it_answers_a_request(budi: User, on: str, follows: int) -> None:
    citra = person("citra", is_protected=True)
    FollowRequest.objects.create(follower=budi, followed=citra)
    browser = browser_of(citra)
    assert "Budi Santoso" in browser.get("/alerts/requests/").content.decode()
    browser.post("/@budi/request/", {"on": on}, headers=HTMX)
    assert Follow.objects.count() == follows
    assert not FollowRequest.objects.exists()


def test_it_accepts_no_request_for_somebody_else(budi: User, noor: User) -> None:
    citra = person("citra", is_protected=True)
    FollowRequest.objects.create(follower=budi, followed=citra)
    browser_of(noor).post("/@budi/request/", {"on": "1"})
    assert not Follow.objects.exists()


def test_it_removes_a_follower(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    browser_of(maya).post("/@budi/remove-follower/", headers=HTMX)
    assert not Follow.objects.exists()


def test_it_asks_for_the_token_against_forged_forms(maya: User, budi: User) -> None:
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(budi, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert forger.post("/@maya/follow/", {"on": "1"}).status_code == 403
    assert not Follow.objects.exists()


def test_it_slows_down_who_presses_without_end(maya: User, budi: User) -> None:
    browser = browser_of(budi)
    codes = [browser.post("/@maya/mute/", {"on": "1"}, headers=HTMX).status_code for _ in range(65)]
    assert codes[0] == 200
    assert codes[-1] == 429
