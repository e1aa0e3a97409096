import pytest

from accounts.models import User
from posts.models import Post
from posts.services import posting
from tests.accounts.people import HTMX, browser_of, make_follow


def test_it_returns_a_thread_newest_first(maya: User) -> None:
    html = (
        browser_of(maya)
        .post("/posts/", {"text": "One", "more": ["Two", "Three"]}, headers=HTMX)
        .content.decode()
    )
    places = [html.index(f">{word}</p>") for word in ("Three", "Two", "One")]
    assert places == sorted(places)


def test_it_refuses_a_thread_with_one_long_post_whole(maya: User) -> None:
    answer = browser_of(maya).post("/posts/", {"text": "One", "more": ["x" * 281]}, headers=HTMX)
    assert answer.status_code == 422
    assert not Post.objects.exists()


def test_it_keeps_everything_that_was_typed_when_it_refuses_a_plain_form(maya: User) -> None:
    html = browser_of(maya).post(
        "/posts/", {"text": "x" * 281, "more": ["And then"], "option": ["A", "B"]}
    )
    assert html.status_code == 422
    assert ">And then</textarea>" in html.content.decode() and 'value="A"' in html.content.decode()


@pytest.mark.parametrize(
    ("rule", "has_composer"), [("everyone", True), ("followed", False), ("mentioned", False)]
)
def test_it_offers_a_reply_to_those_who_may(
    maya: User, budi: User, noor: User, rule: str, has_composer: bool
) -> None:
    make_follow(maya, noor)
    post = posting.publish(maya, "Say something", replies_from=rule)
    assert (
        'id="reply"' in browser_of(budi).get(f"/posts/{post.pk}/").content.decode()
    ) is has_composer
    assert ('id="reply"' in browser_of(noor).get(f"/posts/{post.pk}/").content.decode()) is (
        rule != "mentioned"
    )
    status = (
        browser_of(budi).post(f"/posts/{post.pk}/reply/", {"text": "No"}, headers=HTMX).status_code
    )
    assert status == (200 if has_composer else 403)


def test_it_sets_who_may_reply(maya: User) -> None:
    browser = browser_of(maya)
    browser.post("/posts/", {"text": "Only you, @budi", "replies_from": "mentioned"})
    assert Post.objects.get().replies_from == "mentioned"
    assert (
        browser.post("/posts/", {"text": "Hm", "replies_from": "x"}, headers=HTMX).status_code
        == 422
    )


def test_it_shows_a_further_page_of_answers(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Say a number")
    for number in range(35):
        posting.publish(budi, f"Number {number}.", reply_to=post)
    html = browser_of(maya).get(f"/posts/{post.pk}/").content.decode()
    assert "Number 29." in html and "Number 30." not in html
    after = html.split("?after=")[1].split('"')[0].replace("&amp;", "&")
    more = browser_of(maya).get(f"/posts/{post.pk}/?after={after}", headers=HTMX).content.decode()
    assert "Number 30." in more and "Number 34." in more and "Number 29." not in more
    assert "<html" not in more
