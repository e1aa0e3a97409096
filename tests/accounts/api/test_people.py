import pytest

from accounts.models import Follow, User
from accounts.services import relationships
from tests.accounts.people import browser_of, make_follow, person

V1 = "/api/v1"


def test_it_shows_and_changes_ones_own_account(maya: User) -> None:
    browser = browser_of(maya)
    assert browser.get(f"{V1}/accounts/me/").json()["email"] == maya.email
    path = f"{V1}/accounts/me/"
    answer = browser.patch(path, {"display_name": " M  O "}, "application/json")
    assert answer.json()["display_name"] == "M O"
    # Changed on the site alone, by a mailed code.
    answer = browser.patch(path, {"bio": "New", "email": "x@x.example"}, "application/json")
    assert answer.json()["code"] == "fresh_log_in"
    maya.refresh_from_db()
    assert (maya.email, maya.bio) == ("maya@people.example", "")


def test_it_refuses_a_name_that_is_too_long(maya: User) -> None:
    answer = browser_of(maya).patch(
        f"{V1}/accounts/me/", {"display_name": "x" * 51}, "application/json"
    )
    assert answer.status_code == 400
    assert "display_name" in answer.json()["fields"]


def test_it_shows_a_profile_and_how_the_caller_stands_to_it(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    body = browser_of(maya).get(f"{V1}/accounts/budi/").json()
    assert body["standing"] == {
        "relation": "none",
        "follows_viewer": True,
        "is_muted": False,
        "following_count": 1,
        "follower_count": 0,
    }
    assert "email" not in body
    assert browser_of(None).get(f"{V1}/accounts/budi/").json()["standing"]["relation"] == "none"


@pytest.mark.parametrize(
    ("verb", "on", "off"),
    [("follow", "following", "none"), ("block", "blocking", "none"), ("mute", "none", "none")],
)
def test_it_does_and_undoes_twice_without_harm(
    maya: User, budi: User, verb: str, on: str, off: str
) -> None:
    browser = browser_of(maya)
    for method, relation in [("put", on), ("put", on), ("delete", off), ("delete", off)]:
        answer = getattr(browser, method)(f"{V1}/accounts/budi/{verb}/")
        assert (answer.status_code, answer.json()["relation"]) == (200, relation)


@pytest.mark.parametrize(
    "path", ["accounts/me/", "notifications/", "follow-requests/", "timelines/home/"]
)
def test_it_asks_visitors_to_log_in(db: None, path: str) -> None:
    answer = browser_of(None).get(f"{V1}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_it_hides_the_blocker_from_the_blocked(maya: User, budi: User) -> None:
    relationships.block(maya, budi)
    browser = browser_of(budi)
    for path in ("", "followers/", "following/", "posts/", "replies/"):
        assert browser.get(f"{V1}/accounts/maya/{path}").status_code == 404
    answer = browser.put(f"{V1}/accounts/maya/follow/")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_it_lists_followers_of_the_protected_to_followers_alone(budi: User, noor: User) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    url = f"{V1}/accounts/citra/followers/"
    assert [one["handle"] for one in browser_of(budi).get(url).json()["results"]] == ["budi"]
    assert browser_of(noor).get(url).status_code == 404
    assert browser_of(None).get(url).status_code == 404


def test_it_answers_requests(budi: User, noor: User) -> None:
    citra = person("citra", is_protected=True)
    assert browser_of(budi).put(f"{V1}/accounts/citra/follow/").json()["relation"] == "requested"
    relationships.follow(noor, citra)
    browser = browser_of(citra)
    assert len(browser.get(f"{V1}/follow-requests/").json()["results"]) == 2
    assert browser.put(f"{V1}/follow-requests/budi/").status_code == 204
    assert browser.delete(f"{V1}/follow-requests/noor/").status_code == 204
    assert [row.follower for row in Follow.objects.all()] == [budi]


def test_it_tells_what_happened_and_forgets_when_read(maya: User, budi: User) -> None:
    relationships.follow(budi, maya)
    browser = browser_of(maya)
    body = browser.get(f"{V1}/notifications/").json()
    assert (
        body["unread"],
        body["results"][0]["kind"],
        body["results"][0]["people"][0]["handle"],
    ) == (
        1,
        "follow",
        "budi",
    )
    assert browser.post(f"{V1}/notifications/read/").status_code == 204
    assert browser.get(f"{V1}/notifications/").json()["unread"] == 0
