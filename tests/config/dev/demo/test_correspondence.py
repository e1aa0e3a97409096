"""What a newcomer finds under Messages."""

import pytest
from django.utils import timezone

from accounts.models import User
from config.dev.demo import seeding
from posts.models import Message
from posts.services import conversations

pytestmark = pytest.mark.django_db


def test_it_makes_conversations_that_are_let_in_and_lie_in_the_past() -> None:
    seeding.seed(0)
    seeding.seed(0)
    alice = User.objects.get(handle="alice")
    found = [(side.name, side.unread) for side in conversations.inbox(alice)]
    assert found == [("Carol Mbeki", 1), ("Sambal crew", 4), ("Bob Lindqvist", 0)]
    assert conversations.requests(alice) == []
    assert not Message.objects.filter(created_at__gt=timezone.now()).exists()
