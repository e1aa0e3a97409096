from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from posts.models import Poll, PollVote, Post
from posts.services import polls, posting
from posts.services.polls import NewPoll
from tests.accounts.people import person

NIGHTS = NewPoll(["Tuesday", "Thursday", "Sunday"], 3600)


def ask(author: User, poll: NewPoll = NIGHTS) -> Post:
    return posting.publish(author, "Which night?", poll=poll)


def end(post: Post) -> None:
    Poll.objects.filter(post=post).update(ends_at=timezone.now())


@pytest.mark.parametrize(
    ("options", "lasts_s", "code"),
    [
        (["One"], 3600, "poll_options"),
        (["One", "  "], 3600, "poll_options"),
        (list("ABCDE"), 3600, "poll_options"),
        (["One", "x" * 51], 3600, "poll_option_long"),
        (["One", "\u200d"], 3600, "poll_options"),
        (["One", " one "], 3600, "poll_same"),
        (["One", "Two"], 299, "poll_time"),
        (["One", "Two"], 7 * 86400 + 1, "poll_time"),
    ],
)
def test_it_refuses_a_bad_poll_and_posts_nothing(
    maya: User, options: list[str], lasts_s: int, code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        ask(maya, NewPoll(options, lasts_s))
    assert refused.value.code == code
    assert not Post.objects.exists()


def test_it_wants_a_question_and_nothing_beside_it(maya: User) -> None:
    with pytest.raises(ValidationError, match="Write something first"):
        posting.publish(maya, "", poll=NIGHTS)
    with pytest.raises(ValidationError, match="only one of them"):
        posting.publish(maya, "Which?", poll=NIGHTS, images=[posting.Picture(b"")])


def test_it_shows_results_to_those_who_voted(maya: User, budi: User, noor: User) -> None:
    post = ask(maya)
    polls.vote(budi, post, 1)
    seen, unseen = polls.result_of(post, budi), polls.result_of(post, noor)
    assert seen and unseen
    assert [(one.percent, one.vote_count, one.is_mine) for one in seen.options] == [
        (0, 0, False),
        (100, 1, True),
        (0, 0, False),
    ]
    assert not unseen.shows_results
    # Not in the page's source either.
    assert {(one.percent, one.vote_count) for one in unseen.options} == {(0, 0)}
    assert (seen.voter_count, unseen.voter_count) == (1, 1)


def test_it_shows_results_to_all_when_it_has_ended(maya: User, budi: User) -> None:
    post = ask(maya)
    polls.vote(budi, post, 0)
    end(post)
    for viewer in (maya, budi, None):
        view = polls.result_of(post, viewer)
        assert view and view.shows_results and view.has_ended


def test_it_counts_one_vote_each(maya: User, budi: User) -> None:
    post = ask(maya)
    polls.vote(budi, post, 0)
    for position in (0, 1):
        with pytest.raises(ValidationError) as refused:
            polls.vote(budi, post, position)
        assert refused.value.code == "poll_voted"
    assert [option.vote_count for option in post.poll.options.all()] == [1, 0, 0]


def test_it_refuses_votes_that_come_too_late_or_name_nothing(maya: User, budi: User) -> None:
    post = ask(maya)
    for position, code in ((3, "poll_unknown"), (-1, "poll_unknown")):
        with pytest.raises(ValidationError) as refused:
            polls.vote(budi, post, position)
        assert refused.value.code == code
    end(post)
    with pytest.raises(ValidationError) as late:
        polls.vote(budi, post, 0)
    assert late.value.code == "poll_ended"
    assert not PollVote.objects.exists()


def test_it_takes_no_vote_of_somebody_who_may_not_read_the_post(maya: User, noor: User) -> None:
    citra = person("citra", is_protected=True)
    hidden, blocked = ask(citra), ask(maya)
    relationships.block(maya, noor)
    for post in (hidden, blocked):
        with pytest.raises(PermissionError):
            polls.vote(noor, post, 0)


@pytest.mark.django_db(transaction=True)
def test_it_counts_one_of_eight_votes_at_once(maya: User, budi: User) -> None:
    post = ask(maya)

    def press(position: int) -> bool:
        try:
            polls.vote(budi, post, position % 3)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(press, range(8))) == 1
    assert sum(option.vote_count for option in post.poll.options.all()) == 1


@pytest.mark.parametrize(
    ("counts", "percents"),
    [
        ([0, 0], [0, 0]),
        ([1, 1, 1], [34, 33, 33]),
        ([2, 1], [67, 33]),
        ([1, 0], [100, 0]),
        ([1, 1, 1, 1], [25] * 4),
    ],
)
def test_it_shares_out_a_hundred_percent(counts: list[int], percents: list[int]) -> None:
    assert polls.shares(counts) == percents


def test_it_runs_from_the_time_of_its_post(maya: User) -> None:
    post = ask(maya)
    assert post.poll.ends_at - post.created_at == timedelta(hours=1)
