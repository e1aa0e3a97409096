import pytest

from accounts.models import User
from accounts.services import relationships
from posts.models import Draft, Post
from posts.services import drafts, posting
from posts.services.drafts import Writing
from tests.accounts.people import HTMX, browser_of

FORM = {"text": "One", "more": ["Two"], "option": ["Yes", "No"], "lasts_s": "3600", "replies_from": "followed"}


def test_it_keeps_what_the_composer_holds_and_fills_it_in_again(maya: User) -> None:
    browser = browser_of(maya)
    answer = browser.post("/drafts/save/", FORM, headers=HTMX)
    assert "Kept in your drafts." in answer["HX-Trigger"]
    listed = browser.get("/drafts/").content.decode()
    assert "One" in listed and "Thread of 2" in listed and "With a poll" in listed
    html = browser.get(f"/posts/compose/?draft={Draft.objects.get().pk}").content.decode()
    for piece in (
        ">One</textarea>",
        ">Two</textarea>",
        'value="Yes"',
        '<option value="followed" selected',
        'name="draft"',
    ):
        assert piece in html
    assert '<option value="3600" selected' in html


def test_it_is_gone_once_it_is_published(maya: User) -> None:
    draft = drafts.save(maya, Writing(["One"]))
    browser_of(maya).post("/posts/", {"text": "One, finished", "draft": draft.pk}, headers=HTMX)
    assert (Draft.objects.count(), Post.objects.count()) == (0, 1)


def test_it_stays_when_publishing_is_refused(maya: User) -> None:
    draft = drafts.save(maya, Writing(["x" * 300]))
    assert browser_of(maya).post("/posts/", {"text": "x" * 300, "draft": draft.pk}, headers=HTMX).status_code == 422
    assert Draft.objects.count() == 1


def test_it_remembers_what_it_answers_unless_that_is_hidden_now(maya: User, budi: User) -> None:
    post = posting.publish(budi, "How low?")
    browser = browser_of(maya)
    browser.post(f"/drafts/save/?reply_to={post.pk}", {"text": "Very"}, headers=HTMX)
    where = f"/posts/compose/?draft={Draft.objects.get().pk}"
    assert f'action="/posts/{post.pk}/reply/"' in browser.get(where).content.decode()
    assert "Answer to @budi" in browser.get("/drafts/").content.decode()
    relationships.block(budi, maya)
    html = browser.get(where).content.decode()
    assert 'action="/posts/"' in html and "How low?" not in html


def test_it_refuses_an_empty_one_beside_the_composer(maya: User) -> None:
    answer = browser_of(maya).post("/drafts/save/", {"text": " "}, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#composer .composer__error")


def test_it_is_deleted_by_its_author_alone(maya: User, budi: User) -> None:
    draft = drafts.save(maya, Writing(["One"]))
    where = f"/drafts/{draft.pk}/delete/"
    assert browser_of(budi).post(where).status_code == 404
    assert browser_of(maya).get(where).status_code == 405
    assert browser_of(maya).post(where, headers=HTMX).status_code == 200
    assert not Draft.objects.exists()


@pytest.mark.parametrize("path", ["/drafts/", "/posts/compose/?draft=1"])
def test_it_is_nothing_for_visitors_and_others(maya: User, budi: User, path: str) -> None:
    drafts.save(maya, Writing(["Secret words"]))
    assert browser_of(None).get(path).status_code == 302
    answer = browser_of(budi).get(path)
    assert "Secret words" not in answer.content.decode()
    assert answer.status_code in {200, 404}


def test_it_shows_an_empty_shelf_with_a_way_on(maya: User) -> None:
    assert "No drafts" in browser_of(maya).get("/drafts/").content.decode()
