from accounts.models.relationship import Block, Follow, Mute
from accounts.models.user import User

__all__ = ["Block", "Follow", "Mute", "User"]
