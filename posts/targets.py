"""How alerts and reports speak of a post, of a Fleet and of a message."""

from accounts.extension_points.things import Description
from accounts.models import User
from posts.models import Fleet, Message, Post


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    posts = Post.objects.filter(pk__in=ids).visible_to(viewer)
    return {post.pk: Description(post.get_absolute_url(), post.summary) for post in posts}


def describe_fleets(ids: set[int], viewer: User) -> dict[int, Description]:
    fleets = Fleet.objects.filter(pk__in=ids).visible_to(viewer)
    return {
        one.pk: Description(one.get_absolute_url(), f"{one.text} {one.alt}".strip())
        for one in fleets
    }


def describe_messages(ids: set[int], viewer: User) -> dict[int, Description]:
    messages = (
        Message.objects.filter(pk__in=ids, event="")
        .visible_to(viewer)
        .select_related("conversation", "sender")
    )
    return {
        one.pk: Description(
            one.conversation.get_absolute_url(), f"@{one.sender.handle}: {one.text}"
        )
        for one in messages
    }
