"""How alerts speak of a post."""

from accounts.models import User
from accounts.targets import Description
from posts.models import Post


def describe(ids: set[int], viewer: User) -> dict[int, Description]:
    posts = Post.objects.filter(pk__in=ids).visible_to(viewer)
    return {post.pk: Description(post.get_absolute_url(), post.text) for post in posts}
