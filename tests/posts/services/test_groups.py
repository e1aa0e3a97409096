"""Who is in a group, who decides it, and what somebody who is not in it any more has of it:
nothing.
"""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import relationships
from config.limits import LIMITS
from posts.models import Conversation, Membership, Message, VoiceClip
from posts.services import conversations, groups, messaging, presented_message, voice
from posts.services.conversations import MemberConversation
from posts.services.messaging import NewMessage
from tests.accounts.people import make_follow, person


@pytest.fixture
def crew(maya: User, budi: User, noor: User) -> Conversation:
    """Maya's group; Budi follows her, Noor does not."""
    make_follow(budi, maya)
    return groups.make(maya, "  Sambal   crew ", [budi, noor, budi, maya])


def conversation_of(viewer: User, group: Conversation) -> MemberConversation:
    found = conversations.find(viewer, group.pk)
    assert found
    return found


def lines(viewer: User, group: Conversation) -> list[str]:
    return [
        one.text or presented_message.note_of(one, viewer)
        for one in conversations.messages_of(conversation_of(viewer, group))
    ]


def test_it_makes_one_that_strangers_find_among_their_requests(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    assert (crew.name, crew.owner, crew.is_group) == ("Sambal crew", maya, True)
    assert [one.row for one in conversations.inbox(budi)] == [crew]
    assert conversations.inbox(noor) == []
    assert [one.row for one in conversations.requests(noor)] == [crew]
    assert lines(budi, crew) == ["Maya Okafor made this group"]


def test_it_reaches_everybody_and_rings_where_it_was_let_in(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    messaging.send_to_group(maya, crew, "Chillies?")
    assert [messaging.unread_count(who) for who in (maya, budi, noor)] == [0, 1, 0]
    conversations.accept(conversation_of(noor, crew))
    assert messaging.unread_count(noor) == 1
    messaging.send_to_group(noor, crew, "I bring them")
    assert lines(budi, crew)[1:] == ["Chillies?", "I bring them"]


@pytest.mark.parametrize(
    ("name", "count", "code"),
    [("", 1, "no_name"), ("x" * 51, 1, "name_too_long"), ("Us", 0, "nobody"), ("Us", 32, "full")],
)
def test_it_refuses_bad_names_and_sizes(maya: User, name: str, count: int, code: str) -> None:
    people = [person(f"one{number}") for number in range(count)]
    with pytest.raises(ValidationError) as refused:
        groups.make(maya, name, people)
    assert refused.value.code == code
    assert not Conversation.objects.exists()


def test_it_takes_in_thirty_one_others_and_not_one_more(maya: User, noor: User) -> None:
    group = groups.make(maya, "Class", [person(f"one{number}") for number in range(31)])
    assert group.memberships.count() == 32
    with pytest.raises(ValidationError) as refused:
        groups.add(maya, group, [noor])
    assert refused.value.code == "full"


def test_it_has_an_end_to_how_many_one_makes(
    maya: User, budi: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("posts.services.groups.LIMITS", replace(LIMITS, groups_made=1))
    groups.make(maya, "One", [budi])
    with pytest.raises(ValidationError) as refused:
        groups.make(maya, "Two", [budi])
    assert refused.value.code == "too_many_groups"


@pytest.mark.parametrize("why", ["nobody", "followed", "blocks me", "I block", "suspended"])
def test_it_adds_nobody_who_takes_no_messages_from_the_one_who_adds(
    maya: User, budi: User, why: str
) -> None:
    if why in {"nobody", "followed"}:
        User.objects.filter(pk=budi.pk).update(direct_messages_from=why)
    elif why == "blocks me":
        relationships.block(budi, maya)
    elif why == "I block":
        relationships.block(maya, budi)
    else:
        User.objects.filter(pk=budi.pk).update(is_active=False)
    budi.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        groups.make(maya, "Us", [budi])
    assert refused.value.code == "not_taking"
    assert "@budi" in refused.value.messages[0]


def test_it_puts_nobody_beside_somebody_behind_a_block(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    eka = person("eka")
    relationships.block(eka, budi)
    with pytest.raises(ValidationError):
        groups.add(maya, crew, [eka])
    ivan, olga = person("ivan"), person("olga")
    relationships.block(ivan, olga)
    with pytest.raises(ValidationError):  # Two newcomers may be behind a block from each other.
        groups.add(maya, crew, [ivan, olga])
    assert crew.memberships.count() == 3


def test_it_shows_newcomers_what_is_written_from_now_on(crew: Conversation, maya: User) -> None:
    messaging.send_to_group(maya, crew, "Before")
    eka = person("eka")
    make_follow(eka, maya)
    groups.add(maya, crew, [eka])
    messaging.send_to_group(maya, crew, "After")
    assert lines(eka, crew) == ["Maya Okafor added you", "After"]
    assert messaging.unread_count(eka) == 1


def test_it_lets_only_its_maker_change_it(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    eka = person("eka")
    for actor in (budi, noor, eka):
        with pytest.raises(PermissionError):
            groups.add(actor, crew, [eka])
        with pytest.raises(PermissionError):
            groups.remove(actor, crew, maya)
        with pytest.raises(PermissionError):
            groups.rename(actor, crew, "Mine")
    with pytest.raises(PermissionError):
        groups.remove(maya, crew, maya)
    with pytest.raises(ValidationError):
        groups.add(maya, crew, [budi])
    pair = messaging.send(maya, budi, "Between us").conversation
    with pytest.raises(PermissionError):  # A conversation of two takes in nobody.
        groups.add(maya, pair, [eka])


def test_it_closes_everything_to_who_is_removed(crew: Conversation, maya: User, budi: User) -> None:
    message = messaging.send_to_group(maya, crew, "Secret")
    groups.remove(maya, crew, budi)
    assert conversations.find(budi, crew.pk) is None
    assert not Message.objects.filter(pk=message.pk).visible_to(budi).exists()
    with pytest.raises(PermissionError):
        messaging.send_to_group(budi, crew, "Still here")
    assert messaging.unread_count(budi) == 0
    assert lines(maya, crew)[-1] == "You removed Budi Santoso"


def test_it_falls_to_the_longest_member_when_its_maker_leaves(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    groups.leave(maya, crew)
    crew.refresh_from_db()
    assert crew.owner == budi
    groups.remove(budi, crew, noor)
    groups.leave(budi, crew)
    assert not Conversation.objects.exists()
    assert not Membership.objects.exists()


def test_it_cannot_be_left_twice_nor_left_by_strangers(crew: Conversation, budi: User) -> None:
    groups.leave(budi, crew)
    for who in (budi, person("eka")):
        with pytest.raises(PermissionError):
            groups.leave(who, crew)


def test_it_hides_two_members_from_each_other_once_one_blocks(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    conversations.accept(conversation_of(noor, crew))
    relationships.block(noor, budi)
    messaging.send_to_group(budi, crew, "From Budi")
    messaging.send_to_group(noor, crew, "From Noor")
    assert lines(maya, crew)[1:] == ["From Budi", "From Noor"]
    assert lines(noor, crew)[1:] == ["From Noor"]
    assert lines(budi, crew)[1:] == ["From Budi"]
    assert messaging.unread_count(noor) == messaging.unread_count(budi) == 0


def test_it_names_it_anew_and_tells(crew: Conversation, maya: User, budi: User) -> None:
    groups.rename(maya, crew, "Kitchen")
    groups.rename(maya, crew, " Kitchen ")
    assert lines(budi, crew)[1:] == ["Maya Okafor gave the group a new name"]
    assert conversation_of(budi, crew).name == "Kitchen"


def test_it_lists_groups_and_pairs_in_three_queries(
    crew: Conversation, maya: User, budi: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    messaging.send(budi, maya, "And you?")
    with django_assert_num_queries(3):
        found = conversations.inbox(budi)
    assert {one.name for one in found} == {"Sambal crew", "Maya Okafor"}
    assert {one.name: len(one.people) for one in found}["Sambal crew"] == 2


def test_it_closes_recordings_too_to_who_is_removed(
    crew: Conversation, maya: User, budi: User, noor: User
) -> None:
    clip = VoiceClip.objects.create(owner=maya, state="ready", duration_ms=3000)
    messaging.send_to_group(maya, crew, NewMessage(voice=str(clip.pk)))
    clip.refresh_from_db()
    assert [voice.may_hear(who, clip) for who in (budi, noor, person("eka"), None)] == [
        True,
        True,
        False,
        False,
    ]
    groups.remove(maya, crew, budi)
    relationships.block(noor, maya)
    assert [voice.may_hear(who, clip) for who in (maya, budi, noor)] == [True, False, False]
