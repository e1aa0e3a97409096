import pytest
from django.utils import timezone

from accounts.models import User
from posts.models import Poll, Post
from posts.services import posting
from posts.services.polls import NewPoll
from tests.accounts.people import HTMX, browser_of, person


def ask(author: User) -> Post:
    return posting.publish(author, "Which night?", poll=NewPoll(["Tuesday", "Thursday"], 3600))


def test_it_posts_a_poll_from_the_composer(maya: User) -> None:
    form = {"text": "Which night?", "option": ["Tuesday", "", "Thursday"], "lasts_s": "300"}
    html = browser_of(maya).post("/posts/", form, headers=HTMX).content.decode()
    assert html.count("poll__option--open") == 2
    poll = Poll.objects.get()
    assert [option.text for option in poll.options.all()] == ["Tuesday", "Thursday"]
    assert (poll.ends_at - poll.post.created_at).total_seconds() == 300


def test_it_refuses_a_bad_poll_with_a_sentence(maya: User) -> None:
    answer = browser_of(maya).post(
        "/posts/", {"text": "Which?", "option": ["A", "a"]}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "are the same" in answer.content.decode()


def test_it_answers_a_vote_with_the_results(maya: User, budi: User) -> None:
    post = ask(maya)
    html = (
        browser_of(budi)
        .post(f"/posts/{post.pk}/vote/", {"option": "1"}, headers=HTMX)
        .content.decode()
    )
    assert "100%" in html and "Your vote:" in html and "1 vote" in html
    again = browser_of(budi).post(f"/posts/{post.pk}/vote/", {"option": "0"}, headers=HTMX)
    assert again.status_code == 422
    assert "voted already" in again.content.decode()


def test_it_works_as_a_plain_form(maya: User, budi: User) -> None:
    post = ask(maya)
    answer = browser_of(budi).post(f"/posts/{post.pk}/vote/", {"option": "0"})
    assert (answer.status_code, answer["Location"]) == (302, post.get_absolute_url())


@pytest.mark.parametrize("raw", ["", "x", "7", "-1", "99999999999999999999"])
def test_it_counts_no_vote_for_what_is_no_option(maya: User, budi: User, raw: str) -> None:
    answer = browser_of(budi).post(f"/posts/{ask(maya).pk}/vote/", {"option": raw}, headers=HTMX)
    assert answer.status_code == 422


def test_it_asks_again_while_it_runs_and_not_after(maya: User, budi: User) -> None:
    post = ask(maya)
    browser = browser_of(budi)
    where = f"/posts/{post.pk}/poll/"
    assert "every 60s" in browser.get(where).content.decode()
    browser.post(f"/posts/{post.pk}/vote/", {"option": "1"})
    assert "every 5s" in browser.get(where).content.decode()
    Poll.objects.update(ends_at=timezone.now())
    html = browser.get(where).content.decode()
    assert "every" not in html and "Final result" in html


def test_it_shows_a_visitor_the_options_and_where_to_log_in(maya: User) -> None:
    html = browser_of(None).get(f"/posts/{ask(maya).pk}/").content.decode()
    assert "Log in to vote" in html and "poll__option--open" not in html


@pytest.mark.parametrize(("who", "status"), [("visitor", 302), ("stranger", 404), ("author", 200)])
def test_it_is_closed_to_those_who_may_not_read_the_post(noor: User, who: str, status: int) -> None:
    citra = person("citra", is_protected=True)
    post = ask(citra)
    viewer = {"visitor": None, "stranger": noor, "author": citra}[who]
    assert (
        browser_of(viewer)
        .post(f"/posts/{post.pk}/vote/", {"option": "0"}, headers=HTMX)
        .status_code
        == status
    )
    wanted = 200 if who == "author" else 404
    assert browser_of(viewer).get(f"/posts/{post.pk}/poll/").status_code == wanted


def test_it_has_no_poll_where_there_is_none_and_takes_no_vote_by_get(maya: User) -> None:
    plain, poll = posting.publish(maya, "Plain"), ask(maya)
    browser = browser_of(maya)
    assert browser.get(f"/posts/{plain.pk}/poll/").status_code == 404
    assert browser.get(f"/posts/{poll.pk}/vote/").status_code == 405
