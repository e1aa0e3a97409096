"""Muted words, hidden people, followers and reports over REST; a token that reads pictures."""

import pytest
from knox.models import AuthToken
from limits import RateLimitItemPerMinute

from accounts.models import MutedWord, Report, User
from accounts.services import relationships
from config.http import rate_limits
from posts.models import Fleet
from posts.services import fleets, posting
from posts.services.posting import Picture
from tests.accounts.people import browser_of, make_follow
from tests.posts.api.test_fleets import program_of
from tests.posts.services.test_fleets import webp

pytestmark = pytest.mark.django_db


def test_it_keeps_muted_words(maya: User, budi: User) -> None:
    answer = program_of(maya).post("/api/v1/muted-words/", {"word": "rain", "lasts": "week"})
    assert (answer.status_code, answer.json()["word"]) == (201, "rain")
    path = f"/api/v1/muted-words/{answer.json()['id']}/"
    assert program_of(budi).get("/api/v1/muted-words/").json() == []
    assert program_of(budi).delete(path).status_code == 404
    assert program_of(maya).delete(path).status_code == 204
    assert not MutedWord.objects.exists()
    assert program_of(maya).post("/api/v1/muted-words/", {"word": "#"}).json()["code"] == "empty"


def test_it_lists_whom_one_hid(maya: User, budi: User, noor: User) -> None:
    relationships.block(maya, budi)
    relationships.mute(maya, noor)
    for path, handle in (("blocks", "budi"), ("mutes", "noor")):
        assert [
            one["handle"] for one in program_of(maya).get(f"/api/v1/{path}/").json()["results"]
        ] == [handle]
        assert program_of(budi).get(f"/api/v1/{path}/").json()["results"] == []
        assert program_of(None).get(f"/api/v1/{path}/").status_code == 401


def test_it_sends_a_follower_away(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    assert program_of(maya).delete("/api/v1/followers/budi/").status_code == 204
    assert not relationships.does_follow(budi.pk, maya.pk)


def test_it_reports_what_the_caller_can_see(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Buy now")
    sent = {"kind": "post", "id": post.pk, "reason": "spam", "text": "Twice today"}
    assert program_of(budi).post("/api/v1/reports/", sent).status_code == 204
    assert program_of(budi).post("/api/v1/reports/", sent).status_code == 204
    assert Report.objects.get().text == "Twice today"
    assert program_of(budi).post("/api/v1/reports/", sent | {"id": 99}).status_code == 404
    assert program_of(budi).post("/api/v1/reports/", sent | {"kind": "planet"}).status_code == 400
    assert program_of(None).post("/api/v1/reports/", sent).status_code == 401


def test_it_says_when_to_come_again(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rate_limits.RATES, "settings", RateLimitItemPerMinute(1))
    program = program_of(maya)
    assert program.post("/api/v1/muted-words/", {"word": "rain"}).status_code == 201
    answer = program.post("/api/v1/muted-words/", {"word": "snow"})
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_a_token_reads_a_picture_and_sends_no_form(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    fleet = fleets.publish(maya, "", Picture(webp()), Fleet.Audience.FOLLOWERS)
    _row, token = AuthToken.objects.create(user=budi)
    headers = {"Authorization": f"Token {token}"}
    assert browser_of(None).get(fleet.picture_url, headers=headers).status_code == 200
    assert (
        browser_of(None).get(fleet.picture_url, headers={"Authorization": "Token x"}).status_code
        == 404
    )
    assert (
        browser_of(None).post("/settings/muted-words/", {"word": "x"}, headers=headers).status_code
        == 302
    )
    User.objects.filter(pk=budi.pk).update(is_active=False)
    assert browser_of(None).get(fleet.picture_url, headers=headers).status_code == 404


@pytest.mark.parametrize("verb", ["block", "mute"])
def test_it_lists_and_shows_again_whom_one_hid_and_who_is_away(
    verb: str, maya: User, budi: User
) -> None:
    getattr(relationships, verb)(maya, budi)
    User.objects.filter(pk=budi.pk).update(is_active=False)
    program, browser = program_of(maya), browser_of(maya)
    listed = program.get(f"/api/v1/{verb}s/").json()["results"]
    assert [one["handle"] for one in listed] == ["budi"]
    page = browser.get("/settings/hidden/").text
    # Who is away has no page to lead to.
    assert "@budi" in page and 'href="/@budi/"' not in page
    assert program_of(maya).put(f"/api/v1/accounts/budi/{verb}/").status_code == 404
    assert program.delete(f"/api/v1/accounts/budi/{verb}/").status_code == 200
    assert program.get(f"/api/v1/{verb}s/").json()["results"] == []
    # Now they are nobody whom the caller could know of.
    assert program.delete(f"/api/v1/accounts/budi/{verb}/").status_code == 404
    getattr(relationships, verb)(maya, budi)
    assert browser.post(f"/@budi/{verb}/", {"on": "1"}).status_code == 404
    answer = browser.post(f"/@budi/{verb}/", {"on": "0"}, follow=True)
    assert (answer.status_code, "@budi" in answer.text) == (200, True)
    assert browser.post(f"/@budi/{verb}/", {"on": "0"}).status_code == 404
    assert program_of(None).delete(f"/api/v1/accounts/budi/{verb}/").status_code == 401
