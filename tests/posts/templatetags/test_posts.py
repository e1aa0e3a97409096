"""What a viewer sees of a post, in every place and every shape."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Engine, engines
from django.test import RequestFactory
from django.utils import translation

from accounts.models import User
from posts.models import Post, PostImage
from posts.services import interactions, posting
from posts.services.presented_post import PresentedPost, present
from posts.templatetags.posts import gallery, pictures, post, post_switch
from tests.accounts.people import HTMX, browser_of, make_follow
from tests.posts.test_queries import everything
from tests.spaces.town import live_space

TOKEN = "t" * 64


def context_for(viewer: User | None) -> Context:
    request = RequestFactory(HTTP_HOST="localhost").get("/")
    request.user = viewer or AnonymousUser()
    context = Context({"request": request, "user": request.user, "csrf_token": TOKEN})
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]  # Of Django's backend.
    context.template = engine.from_string("")
    return context


@pytest.fixture
def feed(maya: User, budi: User, noor: User) -> None:
    """Posts of every shape, with names and words that want escaping."""
    User.objects.filter(pk=maya.pk).update(display_name="<b>Maya</b> & 'co'")
    maya.refresh_from_db()
    make_follow(budi, maya, noor)
    link = f"http://localhost{live_space(maya, title='River & talk').get_absolute_url()}"
    lead = everything(maya, budi, link, 1)
    posting.edit(maya, posting.publish(maya, "Edited <i>soon</i>"), "Edited & done")
    posting.publish(budi, "An <answer>", reply_to=lead)
    gone = posting.publish(noor, "To be deleted")
    posting.publish(budi, "An answer to nothing", reply_to=gone)
    posting.delete(noor, gone)
    interactions.repost(maya, posting.publish(noor, "Reposted by Maya"))
    posting.publish(noor, "Quoting", quote_of=lead)
    User.objects.filter(pk=noor.pk).update(is_protected=True)
    posting.publish(noor, "Protected words")


def views_for(viewer: User | None) -> list[PresentedPost]:
    return present(Post.objects.visible_to(viewer).newest_first().for_page(viewer), viewer)


def view_of(words: str, viewer: User | None) -> PresentedPost:
    """The post that begins with these words, not a repost of it."""
    found = Post.objects.filter(text__startswith=words, repost_of=None).visible_to(viewer)
    return present(found.for_page(viewer), viewer)[0]


def seen(html: str) -> str:
    """What is between the tags, as one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.mark.parametrize("who", ["visitor", "maya", "budi"])
def test_it_shows_who_wrote_what_when(feed: None, maya: User, budi: User, who: str) -> None:
    viewer = {"visitor": None, "maya": maya, "budi": budi}[who]
    views = views_for(viewer)
    assert len(views) > 10
    for view in views:
        html = post(context_for(viewer), view)
        author = view.post.author
        assert f'id="post-{view.entry.pk}"' in html
        assert f'href="{author.get_absolute_url()}"' in html
        assert f"@{author.handle} " in seen(html)
        assert f'<a class="post__when" href="{view.post.get_absolute_url()}"><time' in html
        assert view.html in html
        assert ("You reposted" in html) is bool(view.reposted_by and view.reposted_by == viewer)
        assert ("protected" in seen(html)) is author.is_protected
        assert ("edited" in seen(html)) is bool(view.post.edited_at)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("River picture", '<figure class="gallery__item">'),
        ("River poll", 'class="poll__list"'),
        ("River voice", "data-voice-play"),
        ("River quote", '<p class="quote__text" dir="auto">River 1'),
        ("River 1", 'class="space-card__title"'),
        ("An &lt;answer&gt;", 'Answering <a class="link" href="/@maya/">@maya</a>'),
        ("An answer to nothing", "Answering a deleted post"),
    ],
)
def test_it_shows_what_the_post_holds_and_only_that(
    feed: None, budi: User, words: str, part: str
) -> None:
    html = {view.html: post(context_for(budi), view) for view in views_for(budi)}
    assert [part in drawn for text, drawn in html.items() if text.startswith(words)].count(True) > 0
    assert part not in post(context_for(budi), view_of("Edited", budi))


@pytest.mark.parametrize("what", ["like", "repost", "bookmark"])
def test_its_switches_show_what_the_viewer_did(feed: None, budi: User, what: str) -> None:
    for words, is_on in (("River 1", True), ("Edited", False)):
        view = view_of(words, budi)
        html = post_switch(context_for(budi), what, view)
        action = f"{view.post.get_absolute_url()}{what}/"
        assert f'form="marks" formaction="{action}"' in re.sub(r"\s+", " ", html)
        assert f'aria-pressed="{str(is_on).lower()}"' in html
        assert f'name="on" value="{0 if is_on else 1}"' in html
        assert html.strip() in post(context_for(budi), view)


def test_its_switches_lead_visitors_to_the_log_in(feed: None) -> None:
    view = view_of("Edited", None)
    html = post(context_for(None), view)
    login = f'href="/account/login/?next={view.post.get_absolute_url()}"'
    assert html.count(login) == 3
    assert "<form" not in html
    assert TOKEN not in html


def test_its_numbers_are_shown_unless_they_are_none(feed: None, budi: User) -> None:
    answered = post(context_for(budi), view_of("River 1", budi))
    assert 'aria-label="Like, 1"' in answered
    assert 'aria-label="Reply, 1"' in answered
    plain = post(context_for(budi), view_of("Edited", budi))
    assert 'aria-label="Like, 0"' in plain
    assert not re.search(r">\s*0\s*<", plain)


def test_nobody_reposts_or_quotes_protected_words(feed: None, budi: User) -> None:
    html = post(context_for(budi), view_of("Protected", budi))
    assert "Cannot be reposted" in html
    assert "/repost/" not in html
    assert "?quote=" not in html


MENUS = {
    "visitor": "Copy link",
    "budi": "Copy link Quote See profile Mute @maya Block @maya Report",
    "maya": "Copy link Quote Edit Delete",
}


@pytest.mark.parametrize("who", MENUS)
def test_its_menu_offers_what_the_viewer_may_do(
    feed: None, maya: User, budi: User, who: str
) -> None:
    viewer = {"visitor": None, "maya": maya, "budi": budi}[who]
    html = post(context_for(viewer), view_of("Edited", viewer), is_lead=True)
    menu = re.search(r'<div class="menu">.*?</details>', html, re.DOTALL)
    assert menu
    assert seen(menu[0]) == MENUS[who]


def test_its_menu_in_a_feed_is_fetched_or_leads_to_its_page(feed: None, budi: User) -> None:
    view = view_of("Edited", budi)
    html = post(context_for(budi), view)
    assert f'<a class="menu" href="{view.post.get_absolute_url()}" data-fetch>' in html
    assert "Report" not in html
    fetched = browser_of(budi).get(f"{view.post.get_absolute_url()}?menu", headers=HTMX)
    assert seen(fetched.content.decode()) == MENUS["budi"]


def test_its_menu_in_a_feed_has_nothing_to_fetch_for_visitors(feed: None) -> None:
    html = post(context_for(None), view_of("Edited", None))
    assert "data-fetch" not in html
    assert '<div class="menu">' in html


def test_its_menu_takes_a_post_out_of_the_post_that_quotes_it(
    feed: None, maya: User, noor: User
) -> None:
    make_follow(maya, noor)
    html = post(context_for(maya), view_of("Quoting", maya), is_lead=True)
    assert "Take my post out" in html
    others = post(context_for(noor), view_of("Quoting", noor), is_lead=True)
    assert "Take my post out" not in others


def test_it_says_more_or_less_by_its_place(feed: None, budi: User) -> None:
    answer = view_of("An <answer>", budi)
    context = context_for(budi)
    assert "Answering" not in post(context, answer, in_thread=True)
    assert 'class="post post--new"' in post(context, answer, is_new=True)
    lead = post(context, view_of("River 1", budi), is_lead=True)
    assert 'class="post post--lead"' in lead
    assert "<strong>1</strong> like" in lead
    assert "post__facts" not in post(context, answer)


def test_who_reposted_is_no_news_on_the_post_s_own_page(feed: None, budi: User) -> None:
    repost = next(view for view in views_for(budi) if view.reposted_by)
    assert "post__reason" in post(context_for(budi), repost)
    assert "post__reason" not in post(context_for(budi), repost, is_lead=True)


def test_it_speaks_the_language_of_the_viewer(feed: None, budi: User) -> None:
    view = view_of("Edited", budi)
    with translation.override("id"):
        html = post(context_for(budi), view)
    assert 'aria-label="Suka, 0"' in html
    assert "Salin tautan" in html
    assert "Copy link" not in html


def test_it_escapes_names_and_keeps_tokens_apart(feed: None, budi: User) -> None:
    view = view_of("Edited", budi)
    one, other = context_for(budi), context_for(budi)
    other["csrf_token"] = "u" * 64
    html, later = post(one, view, is_lead=True), post(other, view, is_lead=True)
    assert "&lt;b&gt;Maya&lt;/b&gt;" in html and "<b>Maya" not in html
    assert (TOKEN in html, TOKEN in later, "u" * 64 in later) == (True, False, True)


def test_a_gallery_describes_its_pictures(maya: User) -> None:
    written = Post.objects.create(author=maya, text="Look")
    images = [
        PostImage(post=written, pk=n, position=n, file="posts/x.webp", width=4, height=3, alt=alt)
        for n, alt in enumerate(["A <bird>", ""], start=1)
    ]
    html = gallery(images)
    assert 'aria-label="A &lt;bird&gt;"' in html
    assert 'aria-label="Picture 2"' in html
    assert html.count("ALT</figcaption>") == 1
    assert "gallery--one" not in html
    assert "gallery--one" in gallery(images[:1])


def test_it_counts_pictures_in_words() -> None:
    assert (pictures(1), pictures(3)) == ("1 picture", "3 pictures")
