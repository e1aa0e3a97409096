"""Whom "@names" lead to: who had the handle when the text was written, and nobody else, ever."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import RestingHandle, User
from accounts.services import account_deletion
from posts.models import Fleet, Post
from posts.services import fleets, interactions, messaging, posting, replies
from posts.services.presented_post import present
from tests.accounts.people import browser_of, make_follow, person
from tests.posts.api.test_fleets import program_of

# What is kept of a handle is dropped when a change is committed.
pytestmark = pytest.mark.django_db(transaction=True)
Show = Callable[[User], str]
WORDS = "Ask @Budi and @nobody_at_all"


def on(path: str) -> Show:
    """Return what shows the page at an address to a reader."""
    return lambda reader: browser_of(reader).get(path).text


def in_post(author: User, reader: User) -> Show:
    return on(posting.publish(author, WORDS).get_absolute_url())


def in_profile(author: User, reader: User) -> Show:
    posting.publish(author, WORDS)
    return on(author.get_absolute_url())


def in_answer(author: User, reader: User) -> Show:
    lead = posting.publish(reader, "Whom?")
    posting.publish(author, WORDS, reply_to=lead)
    return on(lead.get_absolute_url())


def in_quote(author: User, reader: User) -> Show:
    quoted = posting.publish(author, WORDS)
    return on(posting.publish(reader, "See", quote_of=quoted).get_absolute_url())


def in_repost(author: User, reader: User) -> Show:
    sharer = person("sharer")
    interactions.repost(sharer, posting.publish(author, WORDS))
    return on(sharer.get_absolute_url())


def in_edited_post(author: User, reader: User) -> Show:
    post = posting.publish(author, "Ask around")
    posting.edit(author, post, WORDS)
    return on(post.get_absolute_url())


def in_message(author: User, reader: User) -> Show:
    return on(messaging.send(author, reader, WORDS).conversation.get_absolute_url())


def in_fleet(author: User, reader: User) -> Show:
    fleet = fleets.publish(author, WORDS, None, Fleet.Audience.PUBLIC)
    return on(fleet.get_absolute_url())


def in_post_of_the_api(author: User, reader: User) -> Show:
    post = posting.publish(author, WORDS)
    path = f"/api/v1/posts/{post.pk}/"
    return lambda reader: str(program_of(reader).get(path).json()["html"])


def in_message_of_the_api(author: User, reader: User) -> Show:
    sent = messaging.send(author, reader, WORDS)
    path = f"/api/v1/conversations/{sent.conversation_id}/messages/"
    return lambda reader: str(program_of(reader).get(path).json()["results"][0]["html"])


PLACES = [
    *(in_post, in_profile, in_answer, in_quote, in_repost, in_edited_post, in_message, in_fleet),
    *(in_post_of_the_api, in_message_of_the_api),
]


def links_in(shown: str) -> list[str]:
    """Return the "@names" of WORDS that lead somewhere; the words themselves must be there."""
    assert "@nobody_at_all" in shown
    return re.findall(r'<a class="link" href="/@\w+/">(@\w+)</a>', shown)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_it_leads_to_whom_the_words_meant_and_never_to_a_newcomer(
    maya: User, budi: User, noor: User, place: Callable[[User, User], Show]
) -> None:
    now = timezone.now()
    with time_machine.travel(now + timedelta(minutes=1)):
        show = place(maya, noor)
        assert links_in(show(noor)) == ["@Budi"]
    with time_machine.travel(now + timedelta(minutes=2)):
        budi.delete()
        assert links_in(show(noor)) == []
        # As after its rest; a Fleet does not live so long.
        RestingHandle.objects.all().delete()
        person("budi")
        assert links_in(show(noor)) == []
    with time_machine.travel(now + timedelta(minutes=3)):
        assert links_in(in_post(maya, noor)(noor)) == ["@Budi"]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_it_leads_to_nobody_who_is_away(
    maya: User, budi: User, noor: User, place: Callable[[User, User], Show]
) -> None:
    show = place(maya, noor)
    assert links_in(show(noor)) == ["@Budi"]
    User.objects.filter(pk=budi.pk).update(is_active=False)
    assert links_in(show(noor)) == []
    User.objects.filter(pk=budi.pk).update(is_active=True)
    assert links_in(show(noor)) == ["@Budi"]


def test_it_leads_to_no_newcomer_after_ninety_days(maya: User, budi: User, noor: User) -> None:
    show = in_post(maya, noor)
    account_deletion.leave(budi, at_once=True)
    assert account_deletion.empty(budi.pk)
    assert links_in(show(noor)) == []
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        person("BUDI")
        assert links_in(show(noor)) == []
        assert links_in(in_post(maya, noor)(noor)) == ["@Budi"]


def test_it_leads_to_nobody_by_a_former_or_a_later_name(maya: User, budi: User, noor: User) -> None:
    """Who is renamed leaves the name; what was written of the new one meant somebody else."""
    old, new = (
        in_post(maya, noor),
        on(posting.publish(maya, "@rani @nobody_at_all").get_absolute_url()),
    )
    assert (links_in(old(noor)), links_in(new(noor))) == (["@Budi"], [])
    budi.handle = "rani"
    budi.save()
    assert (links_in(old(noor)), links_in(new(noor))) == ([], [])
    again = on(posting.publish(maya, "@rani @nobody_at_all").get_absolute_url())
    assert links_in(again(noor)) == ["@rani"]


def test_it_goes_on_leading_to_a_name_in_other_capitals(maya: User, budi: User, noor: User) -> None:
    show = in_post(maya, noor)
    User.objects.filter(pk=budi.pk).update(handle="BUDI")
    assert links_in(show(noor)) == ["@Budi"]


def test_it_leads_at_once_to_who_signed_up_after_a_look(maya: User, noor: User) -> None:
    assert links_in(in_post(maya, noor)(noor)) == []  # Kept for a minute: nobody.
    person("budi")
    assert links_in(in_post(maya, noor)(noor)) == ["@Budi"]


def test_it_lets_no_newcomer_reply_where_those_mentioned_may(
    maya: User, budi: User, noor: User
) -> None:
    post = posting.publish(maya, "Only you, @budi", replies_from="mentioned")
    assert replies.may_reply(budi, post)
    budi.delete()
    RestingHandle.objects.all().delete()
    assert not replies.may_reply(person("budi"), post)


def cost(posts: list[Post], viewer: User) -> int:
    rows = Post.objects.filter(pk__in=[post.pk for post in posts]).visible_to(viewer)
    entries = list(rows.for_page(viewer))
    with CaptureQueriesContext(connection) as queries:
        present(entries, viewer)
    return len(queries)


def test_it_asks_once_for_all_names_of_a_page_and_then_not_for_a_minute(
    maya: User, noor: User
) -> None:
    people = [person(f"friend{number}") for number in range(20)]
    plain = [posting.publish(maya, f"Hello {number}") for number in range(20)]
    naming = [
        posting.publish(maya, f"Hello @{one.handle} @nobody{number}", quote_of=plain[0])
        for number, one in enumerate(people)
    ]
    none = cost(plain, noor)
    assert cost(naming[:1], noor) == none + 1
    assert cost(naming, noor) == none + 1
    assert cost(naming, noor) == none
    make_follow(noor, *people[:3])  # Nothing of a handle.
    people[0].save(update_fields=["last_login"])
    assert cost(naming, noor) == none
    people[0].save()
    assert cost(naming, noor) == none + 1
