"""What goes of posts, marks and messages when an account is emptied: with it go the counts it left
with others.
"""

from django.db import transaction
from django.db.models import F

from accounts.models import User
from posts.models import Conversation, Fleet, Like, PollOption, PollVote, Post
from posts.services import groups, interactions, posting


def empty(person: User) -> None:
    """Delete piece by piece, so that no lock is held for long; what is left goes with the account's
    row.

    A conversation of two goes as a whole: nobody can see it any more. In groups only one's own
    messages go.
    """
    for post in Post.objects.filter(author=person).order_by("-id").iterator(200):
        posting.delete(person, post)
    for like in Like.objects.filter(user=person).select_related("post__author").iterator(200):
        interactions.unlike(person, like.post)
    for vote in PollVote.objects.filter(voter=person).iterator(200):
        _take_back(vote)
    for fleet in Fleet.objects.filter(author=person):
        fleet.delete()
    for group in Conversation.objects.filter(pair=None, memberships__user=person):
        groups.leave(person, group)  # One that was theirs falls to somebody who stays.
    Conversation.objects.filter(pair__isnull=False, memberships__user=person).delete()


@transaction.atomic
def _take_back(vote: PollVote) -> None:
    deleted, _rows = PollVote.objects.filter(pk=vote.pk).delete()
    if deleted:
        PollOption.objects.filter(pk=vote.option_id, vote_count__gt=0).update(
            vote_count=F("vote_count") - 1
        )
