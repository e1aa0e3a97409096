"""Polls: put into a post, voted in once, read by who voted and, after the end, by all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.utils.translation import gettext as _

from accounts.models import User
from config.db import prepared
from config.limits import LIMITS
from config.rendering.durations import in_words
from config.text import casefolded, line
from posts.models import Poll, PollOption, PollVote, Post

FEWEST_OPTIONS = 2


@dataclass(frozen=True)
class NewPoll:
    """A poll on its way into a post."""

    options: Sequence[str]
    lasts_s: int


@dataclass(frozen=True)
class PollOptionResult:
    """One option as the viewer sees it; `is_mine` is the one they voted for."""

    position: int
    text: str
    vote_count: int
    percent: int
    is_mine: bool


@dataclass(frozen=True)
class PollResult:
    """A poll as the viewer sees it; without `shows_results` its counts and percents are all 0."""

    post_id: int
    options: tuple[PollOptionResult, ...]
    voter_count: int
    ends_at: datetime
    has_ended: bool
    has_voted: bool
    shows_results: bool


def clean(poll: NewPoll) -> NewPoll:
    """Return it as it is stored.

    Raises ValidationError with a sentence and one of the codes poll_options, poll_option_long,
    poll_same, poll_time.
    """
    options = [line(option) for option in poll.options]
    options = [option for option in options if option]
    if not FEWEST_OPTIONS <= len(options) <= LIMITS.poll_options:
        message = _("A poll has 2 to %(max)d options.") % {"max": LIMITS.poll_options}
        raise ValidationError(message, code="poll_options")
    longest = LIMITS.poll_option_chars
    if any(len(option) > longest for option in options):
        message = _("An option of a poll has at most %(max)d characters.") % {"max": longest}
        raise ValidationError(message, code="poll_option_long")
    if len({casefolded(option) for option in options}) < len(options):
        raise ValidationError(_("Two options of the poll are the same."), code="poll_same")
    if not LIMITS.poll_shortest_s <= poll.lasts_s <= LIMITS.poll_longest_s:
        said = _("A poll lasts from %(shortest)s to %(longest)s.") % {
            "shortest": in_words(LIMITS.poll_shortest_s),
            "longest": in_words(LIMITS.poll_longest_s),
        }
        raise ValidationError(said, code="poll_time")
    return NewPoll(options, poll.lasts_s)


def attach(post: Post, poll: NewPoll) -> None:
    """Store a cleaned poll; it runs from the post's own time."""
    ends_at = post.created_at + timedelta(seconds=poll.lasts_s)
    stored = Poll.objects.create(post=post, ends_at=ends_at)
    PollOption.objects.bulk_create(
        PollOption(poll=stored, position=place, text=text)
        for place, text in enumerate(poll.options)
    )


@transaction.atomic
def vote(voter: User, post: Post, position: int) -> None:
    """Count one vote; it cannot be changed.

    Raises PermissionError for a post the voter may not read, ValidationError (codes poll_ended,
    poll_voted, poll_unknown) for the rest.
    """
    if not Post.objects.visible_to(voter).filter(pk=post.pk).exists():
        raise PermissionError("This post is not available to you.")
    options = PollOption.objects.filter(poll__post=post, position=position)
    option = options.select_related("poll").first()
    if option is None:
        raise ValidationError(_("This poll has no such option."), code="poll_unknown")
    if option.poll.has_ended:
        raise ValidationError(_("This poll has ended."), code="poll_ended")
    try:
        with transaction.atomic():
            PollVote.objects.create(poll=option.poll, option=option, voter=voter)
    except IntegrityError as error:  # The constraint decides between two tabs.
        raise ValidationError(_("You have voted already."), code="poll_voted") from error
    PollOption.objects.filter(pk=option.pk).update(vote_count=F("vote_count") + 1)


def results_of(posts: Iterable[Post], viewer: User | None) -> dict[int, PollResult]:
    """Return the polls in `posts` by the post's id, in one query; in none if there is no poll."""
    ids = {post.pk for post in posts if post.has_poll}
    if not ids:
        return {}
    options: dict[int, list[PollOption]] = {}
    for option in prepared.fetch(_options, viewer, frozenset(ids)):
        options.setdefault(option.poll.post_id, []).append(option)
    return {post_id: _result(found) for post_id, found in options.items()}


def _options(viewer: User | None, posts: frozenset[int]) -> QuerySet[PollOption]:
    rows = PollOption.objects.filter(poll__post__among=posts).select_related("poll")
    if viewer and viewer.pk:
        votes = PollVote.objects.filter(option=OuterRef("pk"), voter=viewer)
        rows = rows.annotate(is_mine=Exists(votes))
    else:
        rows = rows.annotate(is_mine=Value(False))
    return rows.order_by("poll", "position")


def result_of(post: Post, viewer: User | None) -> PollResult | None:
    return results_of([post], viewer).get(post.pk)


def _result(options: list[PollOption]) -> PollResult:
    """Return the result from all options of a poll, which `results_of` has annotated."""
    poll = options[0].poll
    has_voted = any(vars(option)["is_mine"] for option in options)
    shows_results = has_voted or poll.has_ended
    counts = [option.vote_count for option in options]
    voter_count = sum(counts)  # Shown at any time; what they chose is not.
    if not shows_results:
        counts = [0] * len(counts)
    results = []
    for option, count, percent in zip(options, counts, shares(counts), strict=True):
        is_mine = vars(option)["is_mine"]
        result = PollOptionResult(option.position, option.text, count, percent, is_mine)
        results.append(result)
    return PollResult(
        post_id=poll.post_id,
        options=tuple(results),
        voter_count=voter_count,
        ends_at=poll.ends_at,
        has_ended=poll.has_ended,
        has_voted=has_voted,
        shows_results=shows_results,
    )


def shares(counts: list[int]) -> list[int]:
    """Return whole percents that make 100 together, or 0 each without votes.

    Of what is lost by rounding down, those with the largest remainders get one each.
    """
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    floors = [100 * count // total for count in counts]
    by_remainder = sorted(
        range(len(counts)), key=lambda place: (-(100 * counts[place] % total), place)
    )
    for place in by_remainder[: 100 - sum(floors)]:
        floors[place] += 1
    return floors
