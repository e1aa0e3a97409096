"""Direct messages between two people."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import Block, User

MESSAGE_CHARS = 1000


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, viewer: User) -> Self:
        """The viewer's conversations; members alone may see one, staff too only as a member."""
        return self.filter(memberships__user=viewer)


class Conversation(models.Model):
    """One for each pair of people: `pair` is "<smaller id>:<greater id>"."""

    pair = models.CharField(max_length=41, unique=True)
    last_message_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ConversationQuerySet] = ConversationQuerySet.as_manager()  # type: ignore[assignment]  # The manager has its methods.

    class Meta:
        indexes = [models.Index(fields=["-last_message_at"], name="posts_conversations_newest")]

    def __str__(self) -> str:
        return self.pair

    def get_absolute_url(self) -> str:
        return reverse("posts:conversation", args=[self.pk])


class Membership(models.Model):
    """One person's side: whether they let it in, how far they have read, and from where it begins for them."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    # A stranger's first message waits in the requests box until the person answers or accepts (RULES §2).
    is_accepted = models.BooleanField(default=False)
    read_up_to = models.BigIntegerField(default=0, help_text="Id of the last message seen.")
    begins_after = models.BigIntegerField(
        default=0, help_text="Id of the last message this person deleted for themselves."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "user"], name="posts_membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class MessageQuerySet(models.QuerySet["Message"]):
    def unread_by(self, viewer: User) -> Self:
        """What others wrote since the viewer looked, in conversations let in, without people behind a block."""
        mine = Q(conversation__memberships__user=viewer, conversation__memberships__is_accepted=True)
        # In one filter(): a second one would join the memberships again and might compare with the other's.
        seen, emptied = F("conversation__memberships__read_up_to"), F("conversation__memberships__begins_after")
        unread = self.filter(mine & Q(pk__gt=seen) & Q(pk__gt=emptied)).exclude(sender=viewer)
        return unread.exclude(sender__in=Block.objects.filter(blocker=viewer).values("blocked"))


class Message(models.Model):
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages_sent")
    text = models.CharField(max_length=MESSAGE_CHARS)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]  # The manager has its methods.

    class Meta:
        indexes = [models.Index(fields=["conversation", "-id"], name="posts_messages_newest")]

    def __str__(self) -> str:
        return f"{self.pk} in {self.conversation_id}"
