import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from PIL import Image
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from accounts.models import User
from accounts.services import account_deletion, relationships
from posts.models import Membership, Message, VoiceClip
from posts.services import conversations, groups, messaging, presented_message, voice
from posts.services.conversations import MemberConversation
from posts.services.messaging import NewMessage
from posts.services.posting import Picture
from tests.accounts.people import make_follow, person

Callbacks = DjangoCaptureOnCommitCallbacks


def webp() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "WEBP")
    return out.getvalue()


def conversation_of(viewer: User, other: User) -> MemberConversation:
    conversation = conversations.between(viewer, other)
    assert conversation
    return conversation


def test_it_lands_in_the_inbox_of_who_follows_and_in_the_requests_of_who_does_not(
    maya: User, budi: User, noor: User
) -> None:
    make_follow(maya, budi)
    messaging.send(budi, maya, "Hello")
    messaging.send(noor, maya, "Hello too")
    assert [conversation.other for conversation in conversations.inbox(maya)] == [budi]
    assert [conversation.other for conversation in conversations.requests(maya)] == [noor]
    assert messaging.unread_count(maya) == 1  # A request does not ring.


def test_it_lets_a_stranger_in_by_an_answer_or_by_accepting(
    maya: User, budi: User, noor: User
) -> None:
    messaging.send(budi, maya, "Hello")
    messaging.send(maya, budi, "Hello back")
    messaging.send(noor, maya, "Me too")
    conversations.accept(conversation_of(maya, noor))
    assert [conversation.other for conversation in conversations.inbox(maya)] == [noor, budi]
    assert conversations.requests(maya) == []


@pytest.mark.parametrize(
    ("setting", "follows", "allowed"),
    [
        ("everyone", False, True),
        ("followed", False, False),
        ("followed", True, True),
        ("nobody", True, False),
    ],
)
def test_it_heeds_who_may_write(
    maya: User, budi: User, setting: str, follows: bool, allowed: bool
) -> None:
    maya.direct_messages_from = setting
    maya.save()
    if follows:
        make_follow(maya, budi)
    assert messaging.may_write(budi, maya) == allowed
    if not allowed:
        with pytest.raises(PermissionError):
            messaging.send(budi, maya, "Hello")


def test_it_goes_on_where_it_was_let_in_whatever_the_setting_becomes(
    maya: User, budi: User
) -> None:
    messaging.send(budi, maya, "Hello")
    messaging.send(maya, budi, "Yes?")
    maya.direct_messages_from = "nobody"
    maya.save()
    messaging.send(budi, maya, "Still there?")
    relationships.block(maya, budi)
    with pytest.raises(PermissionError):
        messaging.send(budi, maya, "And now?")
    with pytest.raises(PermissionError):
        messaging.send(maya, budi, "Nor I")
    assert conversations.inbox(maya) == conversations.inbox(budi) == []


def test_it_writes_to_nobody_suspended_and_not_to_oneself(maya: User, budi: User) -> None:
    User.objects.filter(pk=budi.pk).update(is_active=False)
    budi.refresh_from_db()
    for recipient in (budi, maya):
        with pytest.raises(PermissionError):
            messaging.send(maya, recipient, "Hello")


@pytest.mark.parametrize(
    ("text", "code"), [("", "empty"), (" \u200d ", "empty"), ("x" * 1001, "too_long")]
)
def test_it_refuses_nothing_and_too_much(maya: User, budi: User, text: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        messaging.send(maya, budi, text)
    assert refused.value.code == code


def test_it_counts_what_is_unread_and_marks_it_forward_only(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    first = messaging.send(budi, maya, "one")
    second = messaging.send(budi, maya, "two")
    assert (conversation_of(maya, budi).unread, messaging.unread_count(budi)) == (2, 0)
    conversations.mark_read(conversation_of(maya, budi), second.pk)
    conversations.mark_read(conversation_of(maya, budi), first.pk)  # The slower of two tabs.
    assert messaging.unread_count(maya) == 0
    assert conversations.readers(conversation_of(budi, maya), conversation_of(budi, maya).last) == [
        maya
    ]


@pytest.mark.parametrize("why", ["leaves", "is suspended", "blocks", "is blocked", "is deleted"])
def test_it_counts_only_what_can_be_opened_when_the_sender(
    why: str, maya: User, budi: User, noor: User
) -> None:
    for sender in (budi, noor):
        make_follow(maya, sender)
        messaging.send(sender, maya, "Hello")
    if why == "leaves":
        account_deletion.leave(budi, at_once=False)
    elif why == "is suspended":
        User.objects.filter(pk=budi.pk).update(is_active=False)
    elif why == "blocks":
        relationships.block(budi, maya)
    elif why == "is blocked":
        relationships.block(maya, budi)
    else:
        budi.delete()
    assert [conversation.other for conversation in conversations.inbox(maya)] == [noor]
    assert messaging.unread_count(maya) == 1


def test_it_counts_a_group_whose_last_writer_is_suspended(
    maya: User, budi: User, noor: User
) -> None:
    for follower in (maya, noor):
        make_follow(follower, budi)
    group = groups.make(budi, "Cooks", [maya, noor])
    messaging.send_to_group(budi, group, NewMessage("Hello"))
    Membership.objects.update(is_accepted=True)
    before = messaging.unread_count(maya)
    User.objects.filter(pk=budi.pk).update(is_active=False)
    assert messaging.unread_count(maya) == before == 1
    assert len(conversations.inbox(maya)) == 1


def test_it_deletes_for_one_side_alone_and_comes_back_new(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    messaging.send(budi, maya, "old")
    conversations.delete_for_me(conversation_of(maya, budi))
    assert conversations.inbox(maya) == []
    assert conversations.messages_of(conversation_of(maya, budi)) == []
    assert len(conversations.messages_of(conversation_of(budi, maya))) == 1
    messaging.send(budi, maya, "new")
    assert [message.text for message in conversations.messages_of(conversation_of(maya, budi))] == [
        "new"
    ]
    assert messaging.unread_count(maya) == 1


def test_it_pages_backward_and_forward(maya: User, budi: User) -> None:
    sent = [messaging.send(maya, budi, f"{number}") for number in range(90)]
    conversation = conversation_of(maya, budi)
    newest = conversations.messages_of(conversation)
    older = conversations.messages_of(conversation, before=newest[0].pk)
    assert [message.text for message in [*older, *newest]] == [
        f"{number}" for number in range(10, 90)
    ]
    assert [one.text for one in conversations.messages_of(conversation, after=sent[87].pk)] == [
        "88",
        "89",
    ]


def test_it_shows_a_conversation_to_its_two_people_alone(
    maya: User, budi: User, noor: User
) -> None:
    message = messaging.send(maya, budi, "Between us")
    assert conversations.find(budi, message.conversation_id)
    assert conversations.find(noor, message.conversation_id) is None


def test_it_draws_runs_and_days(maya: User, budi: User) -> None:
    for sender, recipient in [(maya, budi), (maya, budi), (budi, maya)]:
        messaging.send(sender, recipient, "hi <b>")
    drawn = presented_message.present(conversations.messages_of(conversation_of(maya, budi)), maya)
    assert [(one.is_mine, one.ends, one.day is not None) for one in drawn] == [
        (True, False, True),
        (True, True, False),
        (False, True, False),
    ]
    assert "&lt;b&gt;" in drawn[0].html
    more = messaging.send(maya, budi, "again")
    # The day stands above already.
    assert presented_message.present([more], maya, after=drawn[-1].message.pk)[0].day is None


def test_it_lists_any_number_in_the_same_queries(
    maya: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        messaging.send(person(f"friend{number}"), maya, "Hello")
    with django_assert_max_num_queries(3):
        assert len(conversations.requests(maya)) == 12


def test_it_is_one_message_however_often_the_page_sends_it(maya: User, budi: User) -> None:
    draft = NewMessage("Hello", token="b8a0c0ae-0000-4000-8000-000000000001")
    first = messaging.send(maya, budi, draft)
    assert messaging.send(maya, budi, draft) == first
    assert messaging.send(budi, maya, draft) != first  # A token is its sender's own.
    assert (
        messaging.send(maya, budi, NewMessage("Hello", token="x")).token is None
    )  # Not one of a page.
    assert Message.objects.count() == 3


def test_it_carries_pictures_and_refuses_a_fifth(maya: User, budi: User) -> None:
    picture = Picture(webp(), "A river")
    message = messaging.send(maya, budi, NewMessage(images=[picture] * 4))
    assert [(image.alt, image.width, image.height) for image in message.images.all()] == [
        ("A river", 40, 30)
    ] * 4
    with pytest.raises(ValidationError) as refused:
        messaging.send(maya, budi, NewMessage(images=[picture] * 5))
    assert refused.value.code == "too_many"


def test_it_carries_a_recording_once_and_only_ones_own(maya: User, budi: User) -> None:
    clip = VoiceClip.objects.create(owner=maya, state="ready", duration_ms=21_000)
    message = messaging.send(maya, budi, NewMessage(voice=str(clip.pk)))
    assert message.voice == clip
    for sender, raw in [
        (maya, str(clip.pk)),
        (budi, str(clip.pk)),
        (maya, "999999"),
        (maya, "x"),
        (maya, "9" * 30),
    ]:
        with pytest.raises(ValidationError):
            messaging.send(sender, maya if sender == budi else budi, NewMessage(voice=raw))
    assert Message.objects.count() == 1


def test_it_lets_the_two_hear_a_recording_and_nobody_else(
    maya: User, budi: User, noor: User
) -> None:
    clip = VoiceClip.objects.create(owner=maya, state="ready", duration_ms=21_000)
    messaging.send(maya, budi, NewMessage(voice=str(clip.pk)))
    clip.refresh_from_db()
    assert [voice.may_hear(who, clip) for who in (maya, budi, noor, None)] == [
        True,
        True,
        False,
        False,
    ]


def test_it_takes_back_for_everybody_with_all_it_carried(
    maya: User, budi: User, django_capture_on_commit_callbacks: Callbacks
) -> None:
    clip = VoiceClip.objects.create(owner=maya, state="ready")
    message = messaging.send(maya, budi, NewMessage("Oops", [Picture(webp())], str(clip.pk)))
    name = str(message.images.get().file.name)
    with django_capture_on_commit_callbacks(execute=True):
        messaging.take_back(maya, message)
    message.refresh_from_db()
    assert (message.text, message.image_count, message.voice, message.deleted_at is None) == (
        "",
        0,
        None,
        False,
    )
    assert not default_storage.exists(name)
    assert not VoiceClip.objects.exists()
    assert messaging.unread_count(budi) == 0


def test_it_takes_nothing_back_for_others_nor_too_late(maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "Said")
    with pytest.raises(PermissionError):
        messaging.take_back(budi, message)
    message.created_at -= timedelta(minutes=31)
    with pytest.raises(PermissionError):
        messaging.take_back(maya, message)


def test_it_shares_with_those_who_take_it_and_tells_of_the_others(
    maya: User, budi: User, noor: User
) -> None:
    relationships.block(noor, maya)
    url = "http://localhost:8000/spaces/abc/"
    results = messaging.share(maya, [budi, noor, maya, budi], url, "Come in")
    assert {one.person: one.code for one in results} == {budi: "sent", noor: "not_taking"}
    assert Message.objects.get().text == f"Come in\n{url}"


@pytest.mark.parametrize(
    ("count", "words", "code"),
    [(0, "", "nobody"), (21, "", "too_many_people"), (1, "x" * 999, "too_long")],
)
def test_it_refuses_to_share_with_nobody_and_with_a_crowd(
    maya: User, count: int, words: str, code: str
) -> None:
    people = [person(f"one{number}") for number in range(count)]
    with pytest.raises(ValidationError) as refused:
        messaging.share(maya, people, "http://localhost:8000/spaces/abc/", words)
    assert refused.value.code == code
    assert not Message.objects.exists()


def test_it_forgets_a_conversation_whose_other_half_is_gone(maya: User, budi: User) -> None:
    message = messaging.send(maya, budi, "Hello")
    budi.delete()
    assert conversations.find(maya, message.conversation_id) is None
    assert conversations.inbox(maya) == []
