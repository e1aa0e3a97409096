"""The two numbers of every page, counted in one query: unread conversations and alerts."""

from django.db.models import IntegerField, QuerySet, Subquery

from accounts.models import User
from accounts.notifications import notify
from config.db import prepared
from posts.services import messaging


def conversations(viewer: User) -> int:
    """Return what `messaging.unread_count` does; `notify.unread_on_page` then knows its own."""
    [(messages, alerts)] = prepared.fetch(_both, viewer)
    notify.note_unread(viewer, alerts)
    return messages


def _both(viewer: User) -> QuerySet[User, tuple[int, int]]:
    counts = (messaging.unread(viewer), notify.unread(viewer))
    both = (Subquery(count, output_field=IntegerField()) for count in counts)
    counted: QuerySet[User, tuple[int, int]]
    counted = User.objects.filter(pk=viewer.pk).values_list(*both)
    return counted
