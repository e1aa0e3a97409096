from accounts.models.notification import Notification
from accounts.models.relationship import Block, Follow, Mute
from accounts.models.report import Report
from accounts.models.request import FollowRequest
from accounts.models.user import User

__all__ = ["Block", "Follow", "FollowRequest", "Mute", "Notification", "Report", "User"]
