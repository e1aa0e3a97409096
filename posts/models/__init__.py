from posts.models.attachment import PostImage, PostVersion
from posts.models.conversation import Conversation, Membership, Message
from posts.models.post import Post
from posts.models.reaction import Bookmark, Hashtag, Like

__all__ = [
    "Bookmark",
    "Conversation",
    "Hashtag",
    "Like",
    "Membership",
    "Message",
    "Post",
    "PostImage",
    "PostVersion",
]
