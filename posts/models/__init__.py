from posts.models.attachment import PostImage, PostVersion
from posts.models.post import Post
from posts.models.reaction import Bookmark, Hashtag, Like

__all__ = ["Bookmark", "Hashtag", "Like", "Post", "PostImage", "PostVersion"]
