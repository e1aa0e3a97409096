import pytest
from django.core.exceptions import ValidationError

from accounts.models import Notification, User
from accounts.services import relationships
from posts.models import Hashtag, Post
from posts.services import interactions, posting
from tests.accounts.people import make_follow, person


def told(someone: User) -> list[str]:
    return list(
        Notification.objects.filter(recipient=someone).order_by("id").values_list("kind", flat=True)
    )


def test_it_stores_what_was_typed_and_its_tags(maya: User) -> None:
    post = posting.publish(maya, "  Up again #River #river <b>\r\nsecond line  ")
    assert post.text == "Up again #River #river <b>\nsecond line"
    assert list(Hashtag.objects.values_list("name", flat=True)) == ["river"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200d\u200e", "\x00\x01"])
def test_it_refuses_nothing(maya: User, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        posting.publish(maya, text)
    assert refused.value.code == "empty"
    assert not Post.objects.exists()


def test_it_counts_characters_as_people_do_nearly(maya: User) -> None:
    assert posting.publish(maya, "🫖" * 280).pk
    with pytest.raises(ValidationError) as refused:
        posting.publish(maya, "🫖" * 281)
    assert refused.value.code == "too_long"


def test_it_drops_characters_that_turn_the_text_around(maya: User) -> None:
    assert posting.publish(maya, "safe\u202egpj.exe\u2066 👩‍🌾").text == "safegpj.exe 👩‍🌾"


def test_it_tells_those_it_names(maya: User, budi: User, noor: User) -> None:
    posting.publish(maya, "@Budi and @noor and @maya and @nobody")
    assert (told(budi), told(noor), told(maya)) == (["mention"], ["mention"], [])


def test_it_tells_whom_it_answers_once(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Who comes?")
    posting.publish(budi, "@maya me", reply_to=post)
    assert told(maya) == ["reply"]
    post.refresh_from_db()
    assert post.reply_count == 1


def test_it_does_not_tell_those_who_cannot_read_it(budi: User, noor: User) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    posting.publish(citra, "@budi @noor")
    assert (told(budi), told(noor)) == (["mention"], [])


def test_it_answers_the_original_of_a_repost(maya: User, budi: User, noor: User) -> None:
    post = posting.publish(maya, "Hello")
    interactions.repost(budi, post)
    reply = posting.publish(noor, "Hi", reply_to=Post.objects.get(repost_of=post))
    assert reply.reply_to == post


@pytest.mark.parametrize("wall", ["block", "blocked", "protected"])
def test_it_refuses_to_answer_what_one_may_not_read(maya: User, budi: User, wall: str) -> None:
    post = posting.publish(maya, "Hello")
    if wall == "protected":
        User.objects.filter(pk=maya.pk).update(is_protected=True)
    else:
        relationships.block(*((maya, budi) if wall == "block" else (budi, maya)))
    with pytest.raises(PermissionError):
        posting.publish(budi, "Hi", reply_to=post)


def test_it_deletes_with_everything_that_hangs_on_it_but_answers(maya: User, budi: User) -> None:
    top = posting.publish(maya, "Top")
    post = posting.publish(maya, "Middle @budi #x", reply_to=top)
    answer = posting.publish(budi, "Below", reply_to=post)
    interactions.repost(budi, post)
    posting.delete(maya, post)
    top.refresh_from_db()
    answer.refresh_from_db()
    assert (top.reply_count, answer.reply_to, answer.is_reply) == (0, None, True)
    assert not Hashtag.objects.exists()
    assert not Post.objects.filter(repost_of__isnull=False).exists()
    assert "mention" not in told(budi)


def test_it_deletes_for_nobody_but_author_and_staff(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Mine")
    with pytest.raises(PermissionError):
        posting.delete(budi, post)
    budi.acts_as_staff = True
    posting.delete(budi, post)
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "こんにちは@budiさん",
        "谢谢@budi！",
        "안녕@budi님",
        ".@budi look",
        "＠budi",
        "「@budi」",
        "สวัสดี@budiครับ",
    ],
)
def test_it_tells_those_it_names_beside_any_script(maya: User, budi: User, text: str) -> None:
    posting.publish(maya, text)
    assert told(budi) == ["mention"]


def test_it_tells_nobody_whose_name_stands_in_a_mail_address(maya: User, budi: User) -> None:
    posting.publish(maya, "mail@budi.example 邮箱@budi.com")
    assert told(budi) == []
