"""Delete what an account holds of posts, and what it added to the counts of others."""

from django.db import transaction
from django.db.models import F

from accounts.models import User
from posts.models import Conversation, Fleet, Like, PollOption, PollVote, Post
from posts.services import groups, interactions, posting


def empty(person: User) -> None:
    """Delete piece by piece, so that no lock is held for long.

    What is left goes with the row of the account. A conversation of two goes as a whole, as nobody
    can see it any more; of groups only the user's own messages.
    """
    for post in Post.objects.filter(author=person).order_by("-id").iterator(200):
        posting.delete(person, post)
    for like in Like.objects.filter(user=person).select_related("post__author").iterator(200):
        interactions.unlike(person, like.post)
    for vote in PollVote.objects.filter(voter=person).iterator(200):
        with transaction.atomic():
            # Counted down only by who deleted it: two runs of this task take one vote off once.
            if PollVote.objects.filter(pk=vote.pk).delete()[0]:
                option = PollOption.objects.filter(pk=vote.option_id, vote_count__gt=0)
                option.update(vote_count=F("vote_count") - 1)
    for fleet in Fleet.objects.filter(author=person):
        fleet.delete()
    for group in Conversation.objects.filter(pair=None, memberships__user=person):
        groups.leave(person, group)  # One that they own falls to a member who stays.
    Conversation.objects.filter(pair__isnull=False, memberships__user=person).delete()
