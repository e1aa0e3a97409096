"""A poll in a post: its options and votes. posts/services/polls.py has the rules."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from config.db import columns
from config.db.text_fields import LineField
from posts.models.post import Post


class Poll(models.Model):
    post = models.OneToOneField(Post, models.CASCADE, related_name="poll")
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"poll of {self.post_id}"

    @property
    def has_ended(self) -> bool:
        return self.ends_at <= timezone.now()


class PollOption(models.Model):
    """`vote_count` changes in the same transaction as the votes."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    text = LineField(max_length=columns.NAME_CHARS)
    vote_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["poll", "position"], name="posts_poll_option_place_once"
            )
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.text


class PollVote(models.Model):
    """One vote of one user. Nobody is shown who voted for what, staff neither."""

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="votes")
    option = models.ForeignKey(PollOption, models.CASCADE, related_name="votes")
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="poll_votes")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["poll", "voter"], name="posts_poll_vote_once")
        ]

    def __str__(self) -> str:
        return f"{self.voter_id} in {self.poll_id}"
