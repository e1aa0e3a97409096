"""Who may reply: the author of a conversation's first post decides, for all of it (RULES §2)."""

from accounts.models import Follow, User
from posts.models import Post
from posts.services import mentions

Replies = Post.Replies


def rule_of(post: Post) -> Post:
    """Return the post whose rule holds for replies to `post`.

    That is the one that began the conversation, or `post` itself when that one is gone.
    """
    return post.root or post


def may_reply(viewer: User | None, post: Post) -> bool:
    """True if the rule lets `viewer` answer; whether they may read the post is not asked here.

    The author of the first post always may, and so may everybody whom its text means.
    """
    if viewer is None or not viewer.pk:
        return False
    first = rule_of(post)
    if first.replies_from == Replies.EVERYONE or first.author_id == viewer.pk:
        return True
    if mentions.names(first, viewer):
        return True
    if first.replies_from == Replies.MENTIONED:
        return False
    return Follow.objects.filter(follower=first.author_id, followed=viewer).exists()
