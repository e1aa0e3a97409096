from accounts.models.delivery import Delivery
from accounts.models.departure import Departure
from accounts.models.export import DataExport
from accounts.models.moderation import Appeal, Decision, Suspension
from accounts.models.muted_word import MutedWord
from accounts.models.notice import NoticeSettings
from accounts.models.notification import Notification
from accounts.models.push import PushSubscription
from accounts.models.relationship import Block, Follow, Mute
from accounts.models.report import Report
from accounts.models.request import FollowRequest
from accounts.models.user import User

__all__ = [
    "Appeal",
    "Block",
    "DataExport",
    "Decision",
    "Delivery",
    "Departure",
    "Follow",
    "FollowRequest",
    "Mute",
    "MutedWord",
    "NoticeSettings",
    "Notification",
    "PushSubscription",
    "Report",
    "Suspension",
    "User",
]
