import pytest

from accounts.models import User
from accounts.services import relationships
from posts.models import Post
from posts.services import interactions, posting
from tests.accounts.people import HTMX, browser_of, make_follow, person


def test_it_posts_and_returns_the_post_to_put_on_top(maya: User) -> None:
    answer = browser_of(maya).post("/posts/", {"text": "Hello <b>"}, headers=HTMX)
    assert "Hello &lt;b&gt;" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    assert Post.objects.get().author == maya


def test_it_posts_from_a_plain_form(maya: User) -> None:
    answer = browser_of(maya).post("/posts/", {"text": "Hello"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("text", ["", " ", "x" * 281])
def test_it_refuses_with_a_sentence_and_keeps_the_words(maya: User, text: str) -> None:
    browser = browser_of(maya)
    fragment = browser.post("/posts/", {"text": text}, headers=HTMX)
    assert (fragment.status_code, fragment["HX-Retarget"]) == (422, "#composer .composer__error")
    page = browser.post("/posts/", {"text": text})
    assert page.status_code == 422
    assert (text.strip() or "Write something first") in page.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "path", ["/posts/", "/posts/1/reply/", "/posts/1/delete/", "/posts/1/like/"]
)
def test_it_sends_visitors_to_the_log_in(maya: User, path: str) -> None:
    posting.publish(maya, "Hello")
    answer = browser_of(None).post(path, {"text": "x", "on": "1"})
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")
    assert Post.objects.count() == 1


def test_it_answers_a_post_in_its_thread(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Who comes?")
    browser_of(budi).post(f"/posts/{post.pk}/reply/", {"text": "Me"}, headers=HTMX)
    page = browser_of(None).get(post.get_absolute_url()).content.decode()
    assert page.index("Who comes?") < page.index(">Me</p>")


@pytest.mark.parametrize("who", ["visitor", "stranger", "blocked", "follower", "author"])
@pytest.mark.parametrize("path", ["", "reply/", "like/", "repost/", "bookmark/"])
def test_it_is_not_there_for_those_who_may_not_read_it(
    budi: User, noor: User, who: str, path: str
) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    if who == "blocked":
        relationships.block(citra, noor)
    post = posting.publish(citra, "Among friends")
    viewer = {
        "visitor": None,
        "stranger": noor,
        "blocked": noor,
        "follower": budi,
        "author": citra,
    }[who]
    browser = browser_of(viewer)
    url = f"/posts/{post.pk}/{path}"
    answer = browser.post(url, {"text": "x", "on": "1"}) if path else browser.get(url)
    if who in {"follower", "author"}:
        # Nobody reposts what is protected; everything else is theirs.
        assert answer.status_code == (403 if path == "repost/" else 302 if path else 200)
    else:
        assert answer.status_code == (302 if who == "visitor" and path else 404)
        assert "Among friends" not in answer.content.decode()


def test_it_leads_from_a_repost_to_the_post(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Hello")
    interactions.repost(budi, post)
    repost = Post.objects.get(repost_of=post)
    assert browser_of(None).get(f"/posts/{repost.pk}/")["Location"] == f"/posts/{post.pk}/"


def test_it_deletes_ones_own_post_after_asking(maya: User) -> None:
    post = posting.publish(maya, "Oh no")
    browser = browser_of(maya)
    assert "Delete this post?" in browser.get(f"/posts/{post.pk}/delete/").content.decode()
    assert browser.post(f"/posts/{post.pk}/delete/")["Location"] == "/"
    assert not Post.objects.exists()


@pytest.mark.parametrize(("page", "visits"), [("/", False), ("/posts/{}/", True)])
def test_it_leaves_the_page_of_a_deleted_post(maya: User, page: str, visits: bool) -> None:
    post = posting.publish(maya, "Oh no")
    headers = HTMX | {"HX-Current-URL": f"http://testserver{page.format(post.pk)}"}
    answer = browser_of(maya).post(f"/posts/{post.pk}/delete/", headers=headers)
    assert answer.content == b""
    assert ('"visit"' in answer["HX-Trigger"]) == visits


def test_it_deletes_nothing_of_others(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Mine")
    assert browser_of(budi).post(f"/posts/{post.pk}/delete/").status_code == 404
    assert Post.objects.count() == 1


def test_it_slows_down_who_posts_without_end(maya: User) -> None:
    browser = browser_of(maya)
    codes = [
        browser.post("/posts/", {"text": f"{number}"}, headers=HTMX).status_code
        for number in range(22)
    ]
    assert (codes[0], codes[-1]) == (200, 429)


def test_it_fills_in_what_somebody_wants_to_share(maya: User) -> None:
    page = (
        browser_of(maya)
        .get("/posts/compose/", {"text": "Come in </textarea><script>"})
        .content.decode()
    )
    assert "Come in &lt;/textarea&gt;" in page


def test_it_edits_ones_own_fresh_post(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Tow hands")
    url = f"/posts/{post.pk}/edit/"
    assert "Tow hands" in browser_of(maya).get(url).content.decode()
    assert browser_of(maya).post(url, {"text": ""}).status_code == 422
    assert browser_of(maya).post(url, {"text": "Two hands"})["Location"] == post.get_absolute_url()
    assert browser_of(budi).get(url).status_code == 404
    assert browser_of(budi).post(url, {"text": "Hijacked"}).status_code == 404
    page = browser_of(budi).get(f"/posts/{post.pk}/history/").content.decode()
    assert "Tow hands" in page
    assert "Two hands" in page


def test_it_has_no_history_of_what_was_never_edited(maya: User) -> None:
    post = posting.publish(maya, "Hello")
    assert browser_of(maya).get(f"/posts/{post.pk}/history/").status_code == 404


def test_it_quotes_from_the_composer_and_lets_the_author_out(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Two hands above")
    assert (
        "Two hands above"
        in browser_of(budi).get(f"/posts/compose/?quote={post.pk}").content.decode()
    )
    browser_of(budi).post("/posts/", {"text": "this", "quote": str(post.pk)})
    quoting = Post.objects.get(text="this")
    assert browser_of(budi).post(f"/posts/{quoting.pk}/detach/").status_code == 403
    browser_of(maya).post(f"/posts/{quoting.pk}/detach/", headers=HTMX)
    assert "not available" in browser_of(budi).get(quoting.get_absolute_url()).content.decode()


@pytest.mark.parametrize("quote", ["99999", "x", "9" * 30])
def test_it_finds_no_such_quote(maya: User, quote: str) -> None:
    status = browser_of(maya).get("/posts/compose/", {"quote": quote}).status_code
    assert status == (404 if quote == "99999" else 200)
