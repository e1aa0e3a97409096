"""What a user's data export holds of Spaces; see accounts/extension_points/data_export.py."""

from collections.abc import Iterator

from accounts.extension_points.data_export import Media, Rows
from accounts.models import User
from spaces.models import Attendance, Reminder, Space

FIELDS = (
    "public_id",
    "title",
    "state",
    "language",
    "speak_rule",
    "scheduled_for",
    "time_zone",
    "started_at",
    "ended_at",
)


def collect(user: User) -> Iterator[Rows | Media]:
    hosted = Space.objects.filter(host=user).order_by("id")
    yield Rows("hosted", hosted.values(*FIELDS, "listened", "spoke"))
    attended = Attendance.objects.filter(user=user).order_by("id")
    yield Rows(
        "attended",
        attended.values("space__public_id", "space__title", "first_joined_at", "was_on_stage"),
    )
    reminders = Reminder.objects.filter(user=user).order_by("id")
    yield Rows("reminders", reminders.values("space__public_id", "kind", "due_at"))
