from spaces.models.calendar import CalendarFeed
from spaces.models.clip import Clip, ClipQuerySet
from spaces.models.pin import Pin
from spaces.models.record import Attendance, AuditEntry, Ban
from spaces.models.recording import Consent, Recording, RecordingQuerySet
from spaces.models.reminder import Reminder, ReminderQuerySet
from spaces.models.space import Space, SpaceQuerySet
from spaces.models.stage import Invitation, Seat, SpeakRequest
from spaces.models.topic import Topic
from spaces.models.transcript import TranscriptLine

__all__ = [
    "Attendance",
    "AuditEntry",
    "Ban",
    "CalendarFeed",
    "Clip",
    "ClipQuerySet",
    "Consent",
    "Invitation",
    "Pin",
    "Recording",
    "RecordingQuerySet",
    "Reminder",
    "ReminderQuerySet",
    "Seat",
    "Space",
    "SpaceQuerySet",
    "SpeakRequest",
    "Topic",
    "TranscriptLine",
]
