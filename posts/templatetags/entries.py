"""`{% entry view %}`: one post, drawn from templates/posts/_post.html through a stencil
(config/rendering/compiled_templates.py).
"""

from dataclasses import dataclass

from django import template
from django.template import Context, Engine
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.templatetags.people import ago, avatar
from config.rendering.compiled_templates import StandIn, mark, stencil
from posts.services.presented_post import PresentedPost
from posts.templatetags.feeds import link_card

register = template.Library()

NOTHING = SafeString("")


@dataclass(frozen=True)
class Shape:
    """What decides how a post is drawn; two of one shape differ in words and numbers alone."""

    is_lead: bool
    is_new: bool
    in_thread: bool
    by_member: bool
    reposted_by: str  # "", "me" or "other".
    answers: str  # "", "known" or "gone".
    holds: tuple[bool, ...]  # Which of PARTS it has.
    counts: tuple[bool, ...]  # Whether replies, reposts, likes are more than none.
    is_protected: bool
    is_edited: bool
    marks: tuple[bool, ...]  # Liked, reposted, kept by the viewer.
    # It is the viewer's, they may edit it, they may take their post out of it.
    rights: tuple[bool, ...]


PARTS = ("html", "images", "poll", "voice", "quote", "card")


@register.simple_tag(takes_context=True)
def entry(
    context: Context,
    view: PresentedPost,
    is_lead: bool = False,
    is_new: bool = False,
    in_thread: bool = False,
) -> SafeString:
    """Draw one entry.

    `is_lead` for the post a page is about, `is_new` after posting, `in_thread` beside the post it
    answers.
    """
    shape = shape_of(view, _viewer(context), (bool(is_lead), bool(is_new), bool(in_thread)))
    cut = stencil(
        Engine.get_default().get_template("posts/_post.html"), shape, lambda: stand_ins(shape)
    )
    return cut.fill(
        _words(view)
        | parts_of(context, view, shape.is_lead)
        | {"csrf": context.get("csrf_token", "")}
    )


def _viewer(context: Context) -> User | None:
    user = context.get("user")
    return user if isinstance(user, User) else None


def shape_of(view: PresentedPost, viewer: User | None, place: tuple[bool, bool, bool]) -> Shape:
    post, brought_by = view.post, view.reposted_by
    answers = "" if not post.is_reply else "known" if post.reply_to else "gone"
    return Shape(
        *place,
        by_member=viewer is not None,
        reposted_by="" if brought_by is None else "me" if brought_by == viewer else "other",
        answers=answers,
        holds=tuple(bool(getattr(view, part)) for part in PARTS),
        counts=(post.reply_count > 0, post.repost_count > 0, post.like_count > 0),
        is_protected=post.author.is_protected,
        is_edited=post.edited_at is not None,
        marks=(view.is_liked, view.is_reposted, view.is_kept),
        rights=(view.is_mine, view.may_edit, view.may_detach),
    )


def stand_ins(shape: Shape) -> dict[str, object]:
    """The context in which the template is drawn: plain values where the shape decides, marks for
    the rest.
    """
    me = StandIn(
        is_authenticated=shape.by_member,
        get_absolute_url=mark("brought_url"),
        name=mark("brought_name"),
    )
    other = StandIn(get_absolute_url=mark("brought_url"), name=mark("brought_name"))
    author = StandIn(
        **{name: mark(name) for name in ("name", "handle")},
        get_absolute_url=mark("author_url"),
        is_protected=shape.is_protected,
    )
    counts = dict(zip(("reply_count", "repost_count", "like_count"), shape.counts, strict=True))
    post = StandIn(
        pk=mark("pk"),
        author=author,
        get_absolute_url=mark("url"),
        edited_at=shape.is_edited,
        is_reply=bool(shape.answers),
        reply_to=_answered() if shape.answers == "known" else None,
        **{name: mark(name) if some else 0 for name, some in counts.items()},
    )
    view = StandIn(
        entry=StandIn(pk=mark("entry")),
        post=post,
        reposted_by={"": None, "me": me, "other": other}[shape.reposted_by],
        **{part: mark(part) if has else "" for part, has in zip(PARTS, shape.holds, strict=True)},
        **dict(zip(("is_liked", "is_reposted", "is_kept"), shape.marks, strict=True)),
        **dict(zip(("is_mine", "may_edit", "may_detach"), shape.rights, strict=True)),
    )
    parts = StandIn(**{part: mark(part) for part in ("face", "when", "facts", *PARTS)})
    place = {"is_lead": shape.is_lead, "is_new": shape.is_new, "in_thread": shape.in_thread}
    return {"view": view, "parts": parts, "user": me, "csrf_token": mark("csrf"), **place}


def _answered() -> StandIn:
    return StandIn(author=StandIn(handle=mark("answered"), get_absolute_url=mark("answered_url")))


def _words(view: PresentedPost) -> dict[str, object]:
    post, author = view.post, view.post.author
    words: dict[str, object] = {
        "pk": str(post.pk),
        "entry": str(view.entry.pk),
        "url": post.get_absolute_url(),
        "name": author.name,
        "handle": author.handle,
        "author_url": author.get_absolute_url(),
        "html": view.html,
        **{
            name: str(getattr(post, name)) for name in ("reply_count", "repost_count", "like_count")
        },
    }
    if view.reposted_by:
        words |= {
            "brought_name": view.reposted_by.name,
            "brought_url": view.reposted_by.get_absolute_url(),
        }
    if post.reply_to:
        answered = post.reply_to.author
        words |= {"answered": answered.handle, "answered_url": answered.get_absolute_url()}
    return words


def parts_of(context: Context, view: PresentedPost, is_lead: bool) -> dict[str, object]:
    """What has a template of its own, drawn only for posts that have it."""
    clip = {"clip": view.voice}
    return {
        "face": avatar(context, view.post.author),
        "when": ago(view.post.created_at),
        "facts": _drawn(context, "posts/_post_facts.html", post=view.post) if is_lead else NOTHING,
        "images": _drawn(context, "posts/_gallery.html", view=view) if view.images else NOTHING,
        "poll": _drawn(context, "posts/_poll.html", poll=view.poll, message="")
        if view.poll
        else NOTHING,
        "voice": _drawn(context, "posts/_voice.html", **clip) if view.voice else NOTHING,
        "quote": _drawn(context, "posts/_quote.html", quote=view.quote) if view.quote else NOTHING,
        "card": link_card(context, view.card) if view.card else NOTHING,
    }


def _drawn(context: Context, name: str, **values: object) -> SafeString:
    with context.push(**values):
        return Engine.get_default().get_template(name).render(context)
