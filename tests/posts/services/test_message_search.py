"""What is found among messages, and above all what is not: everything that the person may not read."""

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import relationships
from config.db import full_text
from posts.models import Conversation, Message
from posts.services import conversations, groups, message_search, messaging
from posts.services.message_search import excerpt, find
from posts.services.messaging import NewMessage
from tests.accounts.people import make_follow, person


@pytest.fixture
def talk(maya: User, budi: User) -> Message:
    """Maya and Budi write to each other."""
    make_follow(maya, budi)
    make_follow(budi, maya)
    return messaging.send(maya, budi, NewMessage("The river festival begins on Saturday"))


def texts(viewer: User, query: str) -> list[str]:
    return [hit.message.text for hit in find(viewer, query).hits]


def names(viewer: User, query: str) -> list[str]:
    return [conversation.name for conversation in find(viewer, query).conversations]


@pytest.mark.parametrize("query", ["river", "RIVER", "festival river", "satur", "begin"])
def test_it_finds_a_message_by_every_word(
    talk: Message, maya: User, budi: User, query: str
) -> None:
    assert texts(maya, query) == texts(budi, query) == [talk.text]


@pytest.mark.parametrize(
    "query", ["", "   ", "?!", "river monday", '"', "' OR 1=1 --", "river\x00x", "*", "NEAR("]
)
def test_it_finds_nothing_for_what_is_not_there(talk: Message, maya: User, query: str) -> None:
    assert texts(maya, query) == []


def test_it_finds_nothing_for_who_is_not_in_the_conversation(talk: Message, noor: User) -> None:
    noor.is_staff = True
    noor.save(update_fields=["is_staff"])
    noor.acts_as_staff = True
    assert find(noor, "river").hits == []
    assert names(noor, "maya") == []


def test_it_finds_conversations_by_the_names_in_them(
    talk: Message, maya: User, budi: User, noor: User
) -> None:
    groups.make(maya, "Sambal crew", [budi, noor])
    assert names(maya, "sambal") == ["Sambal crew"]
    assert names(maya, "noor") == ["Sambal crew"]
    assert sorted(names(maya, "@bud")) == ["Budi Santoso", "Sambal crew"]
    assert names(maya, "noor santoso") == ["Sambal crew"], "each word may be another one's name"
    assert names(maya, "maya") == [], "one's own name stands in every conversation"


@pytest.mark.parametrize("query", ["cafe", "ｶﾌｪ", "カフェ", "елка", "猫", "공부 cafe", "محمد"])
def test_it_finds_a_message_in_any_form(talk: Message, maya: User, budi: User, query: str) -> None:
    said = messaging.send(maya, budi, NewMessage("Café、近所のカフェ猫 Ёлка 영어공부 مُحَمَّد"))
    assert texts(budi, query) == [said.text]
    messaging.take_back(maya, said)
    assert texts(budi, query) == []


def test_it_finds_a_group_by_its_name_in_any_form(maya: User, budi: User, noor: User) -> None:
    crew = groups.make(maya, "Équipe 東京", [budi, noor])
    assert names(budi, "equipe") == names(budi, "京") == ["Équipe 東京"]
    groups.rename(maya, crew, "Zürich")
    assert (names(budi, "equipe"), names(budi, "zurich noor")) == ([], ["Zürich"])


def test_it_finds_no_conversation_by_what_a_member_says_of_themselves(
    talk: Message, maya: User, budi: User
) -> None:
    budi.bio = "Sambal"
    budi.save()
    assert names(maya, "sambal") == []


def test_it_leaves_out_what_was_taken_back_or_deleted_for_oneself(
    talk: Message, maya: User, budi: User
) -> None:
    gone = messaging.send(maya, budi, NewMessage("A river of mistakes"))
    messaging.take_back(maya, gone)
    assert texts(budi, "river") == [talk.text]
    conversation = conversations.find(budi, talk.conversation_id)
    assert conversation
    conversations.delete_for_me(conversation)
    assert (texts(budi, "river"), names(budi, "maya")) == ([], [])
    assert texts(maya, "river") == [talk.text]


def test_it_leaves_out_what_was_said_before_one_came_or_after_one_left(
    maya: User, budi: User, noor: User
) -> None:
    crew = groups.make(maya, "Sambal crew", [budi])
    messaging.send_to_group(maya, crew, NewMessage("The river is ours"))
    groups.add(maya, crew, [noor])
    assert texts(noor, "river") == []
    messaging.send_to_group(maya, crew, NewMessage("The river is yours too"))
    assert texts(noor, "river") == ["The river is yours too"]
    groups.leave(noor, crew)
    assert (texts(noor, "river"), names(noor, "sambal")) == ([], [])


def test_it_finds_what_waits_among_the_requests(maya: User, noor: User) -> None:
    messaging.send(noor, maya, NewMessage("I like your river"))
    assert texts(maya, "river") == ["I like your river"]
    assert names(maya, "noor") == ["Noor Aziz"]


def test_it_finds_nothing_across_a_block(talk: Message, maya: User, budi: User, noor: User) -> None:
    crew = groups.make(maya, "Sambal crew", [budi, noor])
    said = messaging.send_to_group(budi, crew, NewMessage("My river"))
    relationships.block(maya, budi)
    for viewer in (maya, budi):
        assert talk.text not in texts(viewer, "river")
    assert said.text not in texts(maya, "river")
    assert texts(noor, "river") == [said.text]
    assert names(maya, "budi") == []


def test_it_leaves_out_a_conversation_with_somebody_suspended(
    talk: Message, maya: User, budi: User
) -> None:
    User.objects.filter(pk=budi.pk).update(is_active=False)
    assert (texts(maya, "river"), names(maya, "budi")) == ([], [])


def test_it_leaves_out_notes_of_a_group(maya: User, budi: User) -> None:
    crew = groups.make(maya, "River crew", [budi])
    groups.rename(maya, crew, "Water crew")
    assert Message.objects.filter(conversation=crew).exclude(event="").exists()
    assert texts(maya, "crew") == []


def test_it_comes_by_pages_the_newest_first(talk: Message, maya: User, budi: User) -> None:
    rows = [
        Message(conversation_id=talk.conversation_id, sender=maya, text=f"River number {number}")
        for number in range(45)
    ]
    Message.objects.bulk_create(rows)
    full_text.catch_up()
    Conversation.objects.update(last_message_at=timezone.now())
    first = find(budi, "river")
    assert [hit.message.text for hit in first.hits][:2] == ["River number 44", "River number 43"]
    seen, page = [hit.message.pk for hit in first.hits], first
    while page.older:
        page = find(budi, "river", page.older)
        assert page.conversations == [], "conversations stand on the first page"
        seen += [hit.message.pk for hit in page.hits]
    assert len(seen) == len(set(seen)) == 46


def test_it_costs_the_same_for_one_hit_and_for_many(
    talk: Message, maya: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(6):
        someone = person(f"friend{number}", display_name=f"River {number}")
        make_follow(someone, maya)
        messaging.send(maya, someone, NewMessage(f"River {number}"))
    with django_assert_max_num_queries(5):
        found = find(maya, "river")
    assert (len(found.conversations), len(found.hits)) == (6, 7)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The river", "The river"),
        ("one\n two", "one two"),
        (f"{'a ' * 200}river {'b ' * 200}", None),
        ("x" * 500, f"{'x' * message_search.EXCERPT_CHARS}…"),
        (f"{'ß ' * 200}Ríver river {'b ' * 200}", None),
    ],
)
def test_it_shows_the_stretch_with_the_word(text: str, shown: str | None) -> None:
    cut = excerpt(text, ["River"])
    assert len(cut) <= message_search.EXCERPT_CHARS + 2
    assert cut == shown if shown else ("river" in cut and cut.startswith("…") and cut.endswith("…"))
