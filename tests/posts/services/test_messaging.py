import pytest
from django.core.exceptions import ValidationError
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import relationships
from posts.services import messaging
from posts.services.messaging import Side
from tests.accounts.people import make_follow, person


def side_of(viewer: User, other: User) -> Side:
    side = messaging.between(viewer, other)
    assert side
    return side


def test_it_lands_in_the_inbox_of_who_follows_and_in_the_requests_of_who_does_not(
    maya: User, budi: User, noor: User
) -> None:
    make_follow(maya, budi)
    messaging.send(budi, maya, "Hello")
    messaging.send(noor, maya, "Hello too")
    assert [side.other for side in messaging.inbox(maya)] == [budi]
    assert [side.other for side in messaging.requests(maya)] == [noor]
    assert messaging.unread_count(maya) == 1  # A request does not ring.


def test_it_lets_a_stranger_in_by_an_answer_or_by_accepting(maya: User, budi: User, noor: User) -> None:
    messaging.send(budi, maya, "Hello")
    messaging.send(maya, budi, "Hello back")
    messaging.send(noor, maya, "Me too")
    messaging.accept(side_of(maya, noor))
    assert [side.other for side in messaging.inbox(maya)] == [noor, budi]
    assert messaging.requests(maya) == []


@pytest.mark.parametrize(
    ("setting", "follows", "allowed"),
    [("everyone", False, True), ("followed", False, False), ("followed", True, True), ("nobody", True, False)],
)
def test_it_heeds_who_may_write(maya: User, budi: User, setting: str, follows: bool, allowed: bool) -> None:
    maya.direct_messages_from = setting
    maya.save()
    if follows:
        make_follow(maya, budi)
    assert messaging.may_write(budi, maya) == allowed
    if not allowed:
        with pytest.raises(PermissionError):
            messaging.send(budi, maya, "Hello")


def test_it_goes_on_where_it_was_let_in_whatever_the_setting_becomes(maya: User, budi: User) -> None:
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
    assert messaging.inbox(maya) == messaging.inbox(budi) == []


def test_it_writes_to_nobody_suspended_and_not_to_oneself(maya: User, budi: User) -> None:
    User.objects.filter(pk=budi.pk).update(is_active=False)
    budi.refresh_from_db()
    for recipient in (budi, maya):
        with pytest.raises(PermissionError):
            messaging.send(maya, recipient, "Hello")


@pytest.mark.parametrize(("text", "code"), [("", "empty"), (" \u200d ", "empty"), ("x" * 1001, "too_long")])
def test_it_refuses_nothing_and_too_much(maya: User, budi: User, text: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        messaging.send(maya, budi, text)
    assert refused.value.code == code


def test_it_counts_what_is_unread_and_marks_it_forward_only(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    first = messaging.send(budi, maya, "one")
    second = messaging.send(budi, maya, "two")
    assert (side_of(maya, budi).unread, messaging.unread_count(budi)) == (2, 0)
    messaging.mark_read(side_of(maya, budi), second.pk)
    messaging.mark_read(side_of(maya, budi), first.pk)  # The slower of two tabs.
    assert messaging.unread_count(maya) == 0
    assert messaging.was_read(side_of(budi, maya))


def test_it_deletes_for_one_side_alone_and_comes_back_new(maya: User, budi: User) -> None:
    make_follow(maya, budi)
    messaging.send(budi, maya, "old")
    messaging.delete_for_me(side_of(maya, budi))
    assert messaging.inbox(maya) == []
    assert messaging.messages_of(side_of(maya, budi)) == []
    assert len(messaging.messages_of(side_of(budi, maya))) == 1
    messaging.send(budi, maya, "new")
    assert [message.text for message in messaging.messages_of(side_of(maya, budi))] == ["new"]
    assert messaging.unread_count(maya) == 1


def test_it_pages_backward_and_forward(maya: User, budi: User) -> None:
    sent = [messaging.send(maya, budi, f"{number}") for number in range(90)]
    side = side_of(maya, budi)
    newest = messaging.messages_of(side)
    older = messaging.messages_of(side, before=newest[0].pk)
    assert [message.text for message in [*older, *newest]] == [f"{number}" for number in range(10, 90)]
    assert [one.text for one in messaging.messages_of(side, after=sent[87].pk)] == ["88", "89"]


def test_it_shows_a_conversation_to_its_two_people_alone(maya: User, budi: User, noor: User) -> None:
    message = messaging.send(maya, budi, "Between us")
    assert messaging.find(budi, message.conversation_id)
    assert messaging.find(noor, message.conversation_id) is None


def test_it_draws_runs_and_days(maya: User, budi: User) -> None:
    for sender, recipient in [(maya, budi), (maya, budi), (budi, maya)]:
        messaging.send(sender, recipient, "hi <b>")
    drawn = messaging.bubbles(messaging.messages_of(side_of(maya, budi)), maya)
    assert [(one.is_mine, one.ends, one.day is not None) for one in drawn] == [
        (True, False, True),
        (True, True, False),
        (False, True, False),
    ]
    assert "&lt;b&gt;" in drawn[0].html
    more = messaging.send(maya, budi, "again")
    assert messaging.bubbles([more], maya, after=drawn[-1].message.pk)[0].day is None  # The day stands above already.


def test_it_lists_any_number_in_the_same_queries(
    maya: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        messaging.send(person(f"friend{number}"), maya, "Hello")
    with django_assert_max_num_queries(3):
        assert len(messaging.requests(maya)) == 12
