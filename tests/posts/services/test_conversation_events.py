"""What open pages hear of a conversation, and who does not hear it."""

from collections.abc import Iterable

import pytest

from accounts.models import User
from accounts.realtime import page_hints
from accounts.realtime.messages import (
    MessageHint,
    PersonMessage,
    ReadHint,
    SayTyping,
    TypingHint,
)
from accounts.services import relationships
from config.http import rate_limits
from posts.models import Conversation
from posts.services import conversation_events, conversations, groups, messaging
from tests.accounts.people import make_follow

Told = list[tuple[set[int], PersonMessage]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    rate_limits.reset()
    found: Told = []

    def tell(ids: Iterable[int], message: PersonMessage) -> None:
        if set(ids):
            found.append((set(ids), message))

    monkeypatch.setattr(page_hints, "tell", tell)
    monkeypatch.setattr(page_hints, "recount", lambda ids, name: None)
    return found


@pytest.fixture
def crew(maya: User, budi: User, noor: User) -> Conversation:
    make_follow(budi, maya)
    return groups.make(maya, "Crew", [budi, noor])  # Noor has not accepted.


def test_it_tells_of_a_message_in_all_tabs_of_both(told: Told, maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "Hello")
    hint = MessageHint(message.conversation_id, message.pk)
    assert told == [({maya.pk, budi.pk}, hint)]


def test_it_tells_nobody_behind_a_block(
    told: Told, crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    relationships.block(noor, budi)
    told.clear()
    messaging.send_to_group(budi, crew, "Hello")
    assert told[0][0] == {maya.pk, budi.pk}


def test_it_tells_of_reading_only_where_it_was_let_in(told: Told, maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "Hello")
    conversation = conversations.find(budi, message.conversation_id)
    assert conversation
    told.clear()
    conversations.mark_read(conversation, message.pk)
    assert told == []
    conversations.accept(conversation)
    again = conversations.find(budi, message.conversation_id)
    newer = messaging.send(maya, budi, "And?")
    told.clear()
    assert again
    conversations.mark_read(again, newer.pk)
    assert told == [({maya.pk}, ReadHint(message.conversation_id, budi.pk, newer.pk))]


def test_it_tells_of_typing_to_those_who_let_it_in(
    told: Told, crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    told.clear()
    conversation_events.on_typing(maya, SayTyping(crew.pk))
    assert told == [({budi.pk}, TypingHint(crew.pk, maya.pk, maya.name))]
    told.clear()
    conversation_events.on_typing(noor, SayTyping(crew.pk))
    assert told == []


def test_it_ignores_what_is_no_conversation_of_theirs(told: Told, maya: User) -> None:
    conversation_events.on_typing(maya, SayTyping(999))
    assert told == []


def test_it_tells_so_often_a_minute_and_no_more(told: Told, crew: Conversation, maya: User) -> None:
    told.clear()
    for _ in range(100):
        conversation_events.on_typing(maya, SayTyping(crew.pk))
    assert len(told) == 60
