"""A post through the stencil is the post that its template draws: the same, letter for letter, in
every shape.
"""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, engines
from django.test import RequestFactory
from django.utils import translation

from accounts.models import User
from posts.models import Post
from posts.services import interactions, posting
from posts.services.presented_post import PresentedPost, present
from posts.templatetags.entries import entry, parts_of
from tests.accounts.people import make_follow
from tests.posts.test_queries import everything
from tests.spaces.town import live_space

PLACES: list[dict[str, bool]] = [{}, {"is_lead": True}, {"is_new": True}, {"in_thread": True}]


def context_for(viewer: User | None) -> Context:
    request = RequestFactory(HTTP_HOST="localhost").get("/")
    request.user = viewer or AnonymousUser()
    context = Context({"request": request, "user": request.user, "csrf_token": "t" * 64})
    context.template = engines["django"].engine.from_string("")  # type: ignore[attr-defined]  # Django's engine.
    return context


def plainly(context: Context, view: PresentedPost, place: dict[str, bool]) -> str:
    """Draw the template with the post itself."""
    parts = parts_of(context, view, is_lead=place.get("is_lead", False))
    values: dict[str, Any] = {"is_lead": False, "is_new": False, "in_thread": False, **place}
    with context.push(view=view, parts=parts, **values):
        return str(context.template.engine.get_template("posts/_post.html").render(context))  # type: ignore[union-attr]  # Set above.


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


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("who", ["visitor", "maya", "budi"])
def test_it_is_what_the_template_draws(
    feed: None, maya: User, budi: User, who: str, language: str
) -> None:
    viewer = {"visitor": None, "maya": maya, "budi": budi}[who]
    context = context_for(viewer)
    views = present(Post.objects.visible_to(viewer).newest_first().for_page(viewer), viewer)
    assert len(views) > 10
    with translation.override(language):
        for view in views:
            for place in PLACES:
                assert entry(context, view, **place) == plainly(context, view, place)


def test_it_escapes_names_and_keeps_tokens_apart(feed: None, budi: User, maya: User) -> None:
    view = present(
        Post.objects.filter(author=maya, text__startswith="Edited").for_page(budi), budi
    )[0]
    one, other = context_for(budi), context_for(budi)
    other["csrf_token"] = "u" * 64
    html, later = entry(one, view), entry(other, view)
    assert "&lt;b&gt;Maya&lt;/b&gt;" in html and "<b>Maya" not in html
    assert ("t" * 64 in html, "t" * 64 in later, "u" * 64 in later) == (True, False, True)
