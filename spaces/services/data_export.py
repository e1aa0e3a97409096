"""What a copy of somebody's data holds of Spaces; see accounts/extension_points/data_export.py."""

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


def collect(person: User) -> Iterator[Rows | Media]:
    yield Rows(
        "hosted",
        Space.objects.filter(host=person).order_by("id").values(*FIELDS, "listened", "spoke"),
    )
    came = Attendance.objects.filter(user=person).order_by("id")
    yield Rows(
        "attended",
        came.values("space__public_id", "space__title", "first_joined_at", "was_on_stage"),
    )
    yield Rows(
        "reminders",
        Reminder.objects.filter(user=person)
        .order_by("id")
        .values("space__public_id", "kind", "due_at"),
    )
