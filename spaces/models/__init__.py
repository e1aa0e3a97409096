from spaces.models.pin import Pin
from spaces.models.record import Attendance, AuditEntry, Ban
from spaces.models.space import Space, SpaceQuerySet
from spaces.models.stage import Invitation, Seat, SpeakRequest
from spaces.models.topic import Topic

__all__ = [
    "Attendance",
    "AuditEntry",
    "Ban",
    "Invitation",
    "Pin",
    "Seat",
    "Space",
    "SpaceQuerySet",
    "SpeakRequest",
    "Topic",
]
