from posts.models.attachment import PostImage, PostVersion
from posts.models.conversation import Conversation, Membership, Message, MessageImage
from posts.models.draft import Draft, DraftImage
from posts.models.fleet import Fleet, FleetView
from posts.models.interaction import Bookmark, Hashtag, Like, TagReading
from posts.models.poll import Poll, PollOption, PollVote
from posts.models.post import Post
from posts.models.trend import Trend
from posts.models.voice import VoiceClip

__all__ = [
    "Bookmark",
    "Conversation",
    "Draft",
    "DraftImage",
    "Fleet",
    "FleetView",
    "Hashtag",
    "Like",
    "Membership",
    "Message",
    "MessageImage",
    "Poll",
    "PollOption",
    "PollVote",
    "Post",
    "PostImage",
    "PostVersion",
    "TagReading",
    "Trend",
    "VoiceClip",
]
