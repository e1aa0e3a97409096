"""Template tags of posts: `{% post view %}` draws one, from templates/jinja2/posts/_post.html."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import template
from django.forms.utils import flatatt
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from accounts.extension_points.avatar_rings import Ring
from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from accounts.pictures import field_attributes
from accounts.templatetags.people import rings_of
from config.rendering.compiled_templates import draw
from posts.models import PostImage
from posts.services.presented_post import PresentedPost
from posts.templatetags.feeds import draw_within, link_card

register = template.Library()


@dataclass(frozen=True)
class PostDrawing:
    """What a post is drawn with beside itself."""

    context: Context
    viewer: User | None
    csrf_token: str
    rings: Mapping[int, Ring]

    def draw(self, name: str, **values: object) -> SafeString:
        """Draw a part that few posts have from its Django template, which pages use as well."""
        return draw_within(self.context, name, values)

    def draw_card(self, card: LinkCard) -> SafeString:
        return link_card(self.context, card)


def _page(context: Context) -> PostDrawing:
    user = context.get("user")
    viewer = user if isinstance(user, User) else None
    # Asking for the token gives the browser a cookie, which visitors have no use for.
    csrf_token = str(context.get("csrf_token", "")) if viewer else ""
    return PostDrawing(context, viewer, csrf_token, rings_of(context))


@register.simple_tag(takes_context=True)
def post(
    context: Context,
    view: PresentedPost,
    is_lead: bool = False,
    is_new: bool = False,
    in_thread: bool = False,
) -> SafeString:
    """Draw one post.

    `is_lead` for the post a page is about, `is_new` after posting, `in_thread` beside the post it
    answers.
    """
    page = _page(context)
    return draw("posts/_post.html", "post", view, page, is_lead, is_new, in_thread)


@register.simple_tag(takes_context=True)
def post_switch(context: Context, what: str, view: PresentedPost) -> SafeString:
    """Draw the switch that reposts, likes or bookmarks a post. `what`: repost, like, bookmark."""
    return draw("posts/_switches.html", what, view, _page(context))


@register.simple_tag(takes_context=True)
def post_menu(context: Context, view: PresentedPost) -> SafeString:
    """Draw what the viewer may do with a post beside reading and marking it."""
    return draw("posts/_post_menu.html", "menu_items", view, _page(context))


@register.simple_tag
def gallery(images: Sequence[PostImage]) -> SafeString:
    """Draw the pictures of a post or a message."""
    return draw("posts/_gallery.html", "gallery", images)


@register.simple_tag
def picture_attributes() -> SafeString:
    """Write the attributes of a field for pictures."""
    return flatatt(field_attributes())


@register.filter
def pictures(count: int) -> str:
    return ngettext("%(n)s picture", "%(n)s pictures", count) % {"n": count}
