from accounts.models.account_deletion import AccountDeletion
from accounts.models.data_export import DataExport
from accounts.models.delivery import Delivery
from accounts.models.follow_request import FollowRequest
from accounts.models.moderated_user import ModeratedUser
from accounts.models.moderation import Appeal, Decision, Suspension
from accounts.models.muted_word import MutedWord
from accounts.models.notification import Notification
from accounts.models.notification_preferences import NotificationPreferences
from accounts.models.push_subscription import PushSubscription
from accounts.models.relationship import Block, Follow, Mute
from accounts.models.report import Report
from accounts.models.resting_handle import RestingHandle
from accounts.models.security_letter import SecurityLetter
from accounts.models.user import User

__all__ = [
    "AccountDeletion",
    "Appeal",
    "Block",
    "DataExport",
    "Decision",
    "Delivery",
    "Follow",
    "FollowRequest",
    "ModeratedUser",
    "Mute",
    "MutedWord",
    "Notification",
    "NotificationPreferences",
    "PushSubscription",
    "Report",
    "RestingHandle",
    "SecurityLetter",
    "Suspension",
    "User",
]
