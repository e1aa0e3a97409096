"""Who may reply: a table of rule and person, and the conversation below."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from posts.services import posting, replies
from tests.accounts.people import make_follow, person


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        ("everyone", {"author", "followed", "mentioned", "stranger"}),
        ("followed", {"author", "followed", "mentioned"}),
        ("mentioned", {"author", "mentioned"}),
    ],
)
@pytest.mark.parametrize("is_deeper", [False, True])
def test_it_lets_those_reply_whom_the_author_lets(
    maya: User, budi: User, noor: User, rule: str, allowed: set[str], is_deeper: bool
) -> None:
    make_follow(maya, budi)
    post = posting.publish(maya, "What do you say, @NOOR?", replies_from=rule)
    if is_deeper:  # The rule holds for the whole conversation, also under somebody else's reply.
        post = posting.publish(noor, "Well.", reply_to=post)
    people = {
        "author": maya,
        "followed": budi,
        "mentioned": noor,
        "stranger": person("rani"),
        "visitor": None,
    }
    assert {name for name, who in people.items() if replies.may_reply(who, post)} == allowed


def test_it_refuses_the_reply_itself(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Only you, @noor", replies_from="mentioned")
    with pytest.raises(PermissionError, match="limits who may reply"):
        posting.publish(budi, "But I", reply_to=post)
    post.refresh_from_db()
    assert post.reply_count == 0


def test_it_knows_no_other_rule(maya: User) -> None:
    with pytest.raises(ValidationError) as refused:
        posting.publish(maya, "Hm", replies_from="nobody")
    assert refused.value.code == "replies_from"


def test_it_opens_a_conversation_whose_beginning_is_gone(
    maya: User, budi: User, noor: User
) -> None:
    post = posting.publish(maya, "Only you, @noor", replies_from="mentioned")
    answer = posting.publish(noor, "Yes?", reply_to=post)
    posting.delete(maya, post)
    answer.refresh_from_db()
    assert replies.may_reply(budi, answer)


def test_it_does_not_let_a_reply_set_a_rule(maya: User, budi: User, noor: User) -> None:
    answer = posting.publish(
        budi, "Mine now", reply_to=posting.publish(maya, "Hello"), replies_from="mentioned"
    )
    assert replies.may_reply(noor, answer)
