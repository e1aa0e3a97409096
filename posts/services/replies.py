"""Who may reply: the author of the post that began a conversation says so, for all of it (RULES
§2).
"""

from accounts.models import Follow, User
from posts import text as texts
from posts.models import Post

_Rule = Post.Replies


def rule_of(post: Post) -> Post:
    """Return the post whose rule holds for replies to `post`: the one that began the conversation,
    while it exists.
    """
    return post.root or post


def may_reply(viewer: User | None, post: Post) -> bool:
    """True if the rule lets `viewer` answer; whether they may read the post is not asked here.

    The author of the rule may always, and so may whoever that author names in the text.
    """
    if viewer is None or not viewer.pk:
        return False
    ruler = rule_of(post)
    if ruler.replies_from == _Rule.EVERYONE or ruler.author_id == viewer.pk:
        return True
    if viewer.handle.lower() in texts.mentions(ruler.text):
        return True
    if ruler.replies_from == _Rule.MENTIONED:
        return False
    return Follow.objects.filter(follower=ruler.author_id, followed=viewer).exists()
