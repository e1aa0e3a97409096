"""How messages read: in the log, and as one line of a list."""

import pytest

from accounts.models import User
from posts.models import Message, VoiceClip
from posts.services import conversations, groups, messaging, presented_message
from posts.services.messaging import NewMessage
from posts.services.posting import Picture
from tests.accounts.people import make_follow
from tests.posts.services.test_messaging import webp


def line(message: Message, viewer: User, *, in_group: bool = False) -> str:
    return presented_message.preview(message, viewer, in_group=in_group)


def test_it_says_in_a_line_what_came(maya: User, budi: User) -> None:
    clip = VoiceClip.objects.create(owner=budi, state="ready", duration_ms=81_000)
    said = messaging.send(budi, maya, "Tea?")
    assert (line(said, maya), line(said, budi)) == ("Tea?", "You: Tea?")
    assert line(said, maya, in_group=True) == "Budi Santoso: Tea?"
    assert (
        line(messaging.send(budi, maya, NewMessage(voice=str(clip.pk))), maya)
        == "Voice message, 1:21"
    )
    assert (
        line(messaging.send(budi, maya, NewMessage(images=[Picture(webp())])), maya)
        == "Sent a picture"
    )
    assert (
        line(messaging.send(budi, maya, NewMessage(images=[Picture(webp())] * 2)), maya)
        == "Sent pictures"
    )
    messaging.take_back(budi, said)
    assert line(said, maya) == "Message deleted"


@pytest.mark.parametrize("viewer", ["maya", "budi", "noor"])
def test_it_says_who_did_what_in_a_group(maya: User, budi: User, noor: User, viewer: str) -> None:
    make_follow(budi, maya)
    group = groups.make(maya, "Crew", [budi])
    make_follow(noor, maya)
    groups.add(maya, group, [noor])
    groups.rename(maya, group, "Kitchen")
    who = {"maya": maya, "budi": budi, "noor": noor}[viewer]
    conversation = conversations.find(who, group.pk)
    assert conversation
    notes = [
        presented_message.note_of(message, who)
        for message in conversations.messages_of(conversation)
    ]
    added = {
        "maya": "You added Noor Aziz",
        "budi": "Maya Okafor added Noor Aziz",
        "noor": "Maya Okafor added you",
    }
    assert added[viewer] in notes
    assert notes[-1].endswith("gave the group a new name")


def test_it_speaks_of_somebody_who_has_gone(maya: User, budi: User, noor: User) -> None:
    group = groups.make(maya, "Crew", [budi, noor])
    groups.remove(maya, group, noor)
    noor.delete()
    conversation = conversations.find(maya, group.pk)
    assert conversation
    assert (
        presented_message.note_of(conversations.messages_of(conversation)[-1], maya)
        == "You removed somebody"
    )


def test_it_begins_a_run_with_the_name_and_ends_it_with_the_time(maya: User, budi: User) -> None:
    make_follow(budi, maya)
    group = groups.make(maya, "Crew", [budi])
    for sender in (budi, budi, maya, budi):
        messaging.send_to_group(sender, group, "x")
    conversation = conversations.find(maya, group.pk)
    assert conversation
    # Without the note that it was made.
    drawn = presented_message.present(conversations.messages_of(conversation), maya)[1:]
    assert [(one.begins, one.ends) for one in drawn] == [
        (True, False),
        (False, True),
        (True, True),
        (True, True),
    ]


def test_it_offers_to_take_back_ones_own_alone(maya: User, budi: User) -> None:
    for sender, other in ((maya, budi), (budi, maya)):
        messaging.send(sender, other, "x")
    conversation = conversations.between(maya, budi)
    assert conversation
    assert [
        one.may_take_back
        for one in presented_message.present(conversations.messages_of(conversation), maya)
    ] == [True, False]
