import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from posts.models import Draft, Post
from posts.services import composing, drafts, posting, threads
from posts.services.composing import Composed
from posts.services.drafts import ComposerFields


def texts_of(thread: threads.Thread) -> tuple[list[str], str, list[str], list[str]]:
    above, continued, answers = (
        [view.post.text for view in part]
        for part in (thread.above, thread.continued, thread.answers)
    )
    return above, thread.lead.post.text, continued, answers


def thread_at(text: str, viewer: User | None) -> threads.Thread:
    post = threads.find(Post.objects.get(text=text).pk, viewer)
    assert post
    return threads.thread_of(post, viewer)


def test_it_publishes_a_thread_that_reads_in_one_piece(maya: User, budi: User) -> None:
    first, second, _third = composing.publish(maya, Composed(["One", "Two", " ", "Three"]))
    posting.publish(budi, "To one", reply_to=first)
    posting.publish(budi, "To two", reply_to=second)
    assert texts_of(thread_at("One", budi)) == ([], "One", ["Two", "Three"], ["To one"])
    assert texts_of(thread_at("Two", budi)) == (["One"], "Two", ["Three"], ["To two"])
    assert texts_of(thread_at("To two", None)) == (["One", "Two"], "To two", [], [])


def test_it_publishes_all_or_nothing(maya: User) -> None:
    for texts in (["One", "x" * 281], ["One", *["More"] * 25], [""]):
        with pytest.raises(ValidationError):
            composing.publish(maya, Composed(texts))
    assert not Post.objects.exists()


def test_it_drops_the_draft_it_came_from_and_nobody_elses(maya: User, budi: User) -> None:
    mine, others = (
        drafts.save(maya, ComposerFields(["Mine"])),
        drafts.save(budi, ComposerFields(["Budi's"])),
    )
    composing.publish(maya, Composed(["Done"], draft_id=mine.pk))
    composing.publish(maya, Composed(["Done again"], draft_id=others.pk))
    assert list(Draft.objects.all()) == [others]


def test_it_shows_a_thread_up_to_what_is_hidden(maya: User, budi: User) -> None:
    posts = composing.publish(maya, Composed(["One", "Two", "Three", "Four"]))
    posting.delete(maya, posts[2])
    assert texts_of(thread_at("One", budi))[2] == ["Two"]
    assert texts_of(thread_at("Four", budi)) == ([], "Four", [], [])


def test_it_pages_answers_oldest_first(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Say a number")
    for number in range(threads.PAGE + 5):
        posting.publish(budi, str(number), reply_to=post)
    thread = thread_at("Say a number", maya)
    assert thread.next
    more, end = threads.answers_after(post, maya, thread.next)
    seen = [view.post.text for view in [*thread.answers, *more]]
    assert (seen, end) == ([str(number) for number in range(threads.PAGE + 5)], None)


def test_it_goes_a_dozen_posts_up(maya: User) -> None:
    composing.publish(maya, Composed([str(number) for number in range(20)]))
    thread = thread_at("19", maya)
    assert [view.post.text for view in thread.above] == [str(number) for number in range(7, 19)]
