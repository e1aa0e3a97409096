import pytest

from accounts.models import User
from accounts.services import relationships
from posts.models import Post
from posts.services import posting
from tests.accounts.people import browser_of, make_follow, person

V1 = "/api/v1"
JSON = "application/json"


def test_it_publishes_and_answers(maya: User, budi: User) -> None:
    body = browser_of(maya).post(f"{V1}/posts/", {"text": "Hello #river <b>"}, JSON)
    assert body.status_code == 201
    post = body.json()
    assert (post["author"]["handle"], post["text"]) == ("maya", "Hello #river <b>")
    assert "&lt;b&gt;" in post["html"]
    reply = (
        browser_of(budi).post(f"{V1}/posts/", {"text": "Hi", "reply_to": post["id"]}, JSON).json()
    )
    assert (reply["is_reply"], reply["reply_to"]) == (True, post["id"])
    answers = browser_of(None).get(f"{V1}/posts/{post['id']}/replies/").json()
    assert ([one["text"] for one in answers["results"]], answers["next"]) == (["Hi"], None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": ""}, "empty"),
        ({"text": "x" * 281}, "too_long"),
        ({}, "invalid"),
        ({"text": "x", "reply_to": "me"}, "invalid"),
        ({"text": ["x"]}, "invalid"),
    ],
)
def test_it_refuses_with_a_stable_code(maya: User, body: dict[str, object], code: str) -> None:
    answer = browser_of(maya).post(f"{V1}/posts/", body, JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Post.objects.exists()


@pytest.mark.parametrize("mark", ["like", "repost", "bookmark"])
def test_it_marks_twice_without_harm(maya: User, budi: User, mark: str) -> None:
    post = posting.publish(maya, "Hello")
    browser, url = browser_of(budi), f"{V1}/posts/{post.pk}/{mark}/"
    field = {"like": "is_liked", "repost": "is_reposted", "bookmark": "is_bookmarked"}[mark]
    for method, expected in [("put", True), ("put", True), ("delete", False), ("delete", False)]:
        assert getattr(browser, method)(url).json()[field] is expected


@pytest.mark.parametrize("who", ["visitor", "stranger", "blocked"])
def test_it_is_not_there_for_those_who_may_not_read_it(budi: User, noor: User, who: str) -> None:
    citra = person("citra", is_protected=True)
    if who == "blocked":
        relationships.block(citra, noor)
    post = posting.publish(citra, "Among friends")
    browser = browser_of(None if who == "visitor" else noor)
    assert browser.get(f"{V1}/posts/{post.pk}/").status_code == 404
    assert browser.get(f"{V1}/posts/{post.pk}/replies/").status_code == 404
    assert browser.put(f"{V1}/posts/{post.pk}/like/").status_code == (
        401 if who == "visitor" else 404
    )
    assert browser.post(f"{V1}/posts/", {"text": "x", "reply_to": post.pk}, JSON).status_code in {
        401,
        404,
    }


def test_it_deletes_ones_own_alone(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Mine")
    url = f"{V1}/posts/{post.pk}/"
    assert browser_of(budi).delete(url).status_code == 403
    assert browser_of(None).delete(url).status_code == 401
    assert browser_of(maya).delete(url).status_code == 204
    assert browser_of(maya).get(url).status_code == 404


def test_it_pages_through_feeds_to_the_end(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    for number in range(45):
        posting.publish(maya, f"{number} #river")
    browser = browser_of(budi)
    for path in (
        "timelines/home/",
        "timelines/public/",
        "timelines/tags/River/",
        "accounts/maya/posts/",
    ):
        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = browser.get(f"{V1}/{path}", {"after": after}).json()
            seen += [one["text"] for one in page["results"]]
            after = page["next"]
        assert seen == [f"{number} #river" for number in reversed(range(45))]


def test_it_finds_people_and_posts(maya: User) -> None:
    posting.publish(maya, "The river of Maya")
    body = browser_of(None).get(f"{V1}/search/", {"q": "maya"}).json()
    assert [one["handle"] for one in body["people"]] == ["maya"]
    assert len(body["posts"]["results"]) == 1


def test_it_slows_down_who_posts_without_end(maya: User) -> None:
    browser = browser_of(maya)
    codes = [
        browser.post(f"{V1}/posts/", {"text": f"{number}"}, JSON).status_code
        for number in range(22)
    ]
    assert (codes[0], codes[-1]) == (201, 429)


def test_it_quotes_and_edits(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Two hands")
    body = browser_of(budi).post(f"{V1}/posts/", {"text": "tihs", "quote_of": post.pk}, JSON).json()
    assert (body["quote_of"], body["is_quote"], body["edited_at"]) == (post.pk, True, None)
    url = f"{V1}/posts/{body['id']}/"
    assert browser_of(maya).patch(url, {"text": "hijacked"}, JSON).status_code == 403
    edited = browser_of(budi).patch(url, {"text": "this"}, JSON).json()
    assert edited["text"] == "this"
    assert edited["edited_at"]
