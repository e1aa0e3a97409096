"""Direct messages between two people, and in groups."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, User
from config.db import columns
from posts.models.attachment import ALT_CHARS
from posts.models.voice import VoiceClip

MESSAGE_CHARS = 1000


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, viewer: User) -> Self:
        """The viewer's conversations; members alone may see one, staff too only as a member."""
        return self.filter(memberships__user=viewer)


class Conversation(models.Model):
    """Of two people there is one:

    `pair` is "<smaller id>:<greater id>". A group has a name and who made it instead.
    """

    pair = models.CharField(max_length=41, unique=True, null=True)  # noqa: DJ001 (groups have none, many times)
    name = models.CharField(max_length=columns.NAME_CHARS, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    last_message_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ConversationQuerySet] = ConversationQuerySet.as_manager()  # type: ignore[assignment]  # The manager has its methods.

    class Meta:
        indexes = [models.Index(fields=["-last_message_at"], name="posts_conversations_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(pair__isnull=False, name="", owner=None) | (Q(pair=None) & ~Q(name="")),
                name="posts_conversation_pair_or_group",
            )
        ]

    def __str__(self) -> str:
        return self.pair or self.name

    def get_absolute_url(self) -> str:
        return reverse("posts:conversation", args=[self.pk])

    @property
    def is_group(self) -> bool:
        return self.pair is None


class Membership(models.Model):
    """One person's conversation: whether they let it in, how far they have read, and from where it begins
    for them.

    Who leaves a group, or is removed, has none any more: with it go the messages and the files.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    # A stranger's first message waits in the requests box until the person answers or accepts
    # (RULES §2).
    is_accepted = models.BooleanField(default=False)
    read_up_to = models.BigIntegerField(default=0, help_text="Id of the last message seen.")
    begins_after = models.BigIntegerField(
        default=0,
        help_text="Id of the last message this person deleted for themselves, or that was there before them.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="posts_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: User) -> Self:
        """What the viewer may read: written while they are a member, and in groups not across a
        block.

        Between two, a block ends the writing; what was said before it stays with both.
        """
        mine = Membership.objects.filter(
            conversation=OuterRef("conversation"), user=viewer, begins_after__lt=OuterRef("pk")
        )
        return self.filter(Exists(mine)).without_blocked(viewer)

    def without_blocked(self, viewer: User) -> Self:
        """Leave out, in groups, whom the viewer blocks and who blocks the viewer (RULES §1)."""
        behind = Q(sender__in=Block.objects.filter(blocker=viewer).values("blocked"))
        behind |= Q(sender__in=Block.objects.filter(blocked=viewer).values("blocker"))
        return self.exclude(behind & Q(conversation__pair=None))

    def without_group_events(self, viewer: User) -> Self:
        """Leave out the notes of a group, except that somebody has added the viewer."""
        return self.filter(Q(event="") | Q(about=viewer))

    def unread_by(self, viewer: User) -> Self:
        """What others wrote since the viewer looked, in conversations let in, without people behind
        a block.
        """
        mine = Q(
            conversation__memberships__user=viewer, conversation__memberships__is_accepted=True
        )
        # In one filter(): a second one would join the memberships again and might compare with the
        # other's.
        seen, emptied = (
            F("conversation__memberships__read_up_to"),
            F("conversation__memberships__begins_after"),
        )
        unread = (
            self.filter(mine & Q(pk__gt=seen) & Q(pk__gt=emptied))
            .exclude(sender=viewer)
            .filter(deleted_at=None)
        )
        behind = Block.objects.filter(blocker=viewer).values("blocked")
        return (
            unread.exclude(sender__in=behind).without_blocked(viewer).without_group_events(viewer)
        )


class Message(models.Model):
    """What somebody wrote, sent or recorded; or, in a group, a note of what they did (`event`)."""

    class Event(models.TextChoices):
        MADE = "made", _("made this group")
        NAMED = "named", _("gave the group a new name")
        ADDED = "added", _("added")
        REMOVED = "removed", _("removed")
        LEFT = "left", _("left")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages_sent"
    )
    text = models.CharField(max_length=MESSAGE_CHARS, blank=True)
    image_count = models.PositiveSmallIntegerField(default=0)
    voice = models.OneToOneField(VoiceClip, models.CASCADE, null=True, related_name="message")
    event = models.CharField(max_length=8, choices=Event, blank=True)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # The page's own name for it: what is sent twice, because an answer was lost, is still one
    # message.
    token = models.CharField(max_length=36, null=True)  # noqa: DJ001 (unique where there is one)
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(
        null=True, help_text="Taken back by its sender, for everybody."
    )

    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]  # The manager has its methods.

    class Meta:
        indexes = [models.Index(fields=["conversation", "-id"], name="posts_messages_newest")]
        constraints = [
            models.UniqueConstraint(fields=["sender", "token"], name="posts_message_sent_once"),
            models.CheckConstraint(
                condition=~Q(text="")
                | Q(image_count__gt=0)
                | Q(voice__isnull=False)
                | ~Q(event="")
                | Q(deleted_at__isnull=False),
                name="posts_message_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} in {self.conversation_id}"


class MessageImage(models.Model):
    """A picture in a message, re-encoded by us; only members get it
    (`posts/views/message_images.py`).
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="messages/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(max_length=ALT_CHARS, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["message", "position"], name="posts_message_image_place_once"
            )
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"picture {self.position} of message {self.message_id}"

    def get_absolute_url(self) -> str:
        return reverse("posts:message_image", args=[self.pk])
