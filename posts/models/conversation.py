"""Direct messages: conversations of two and groups, who is in them, what was written."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, User
from accounts.models.user import not_away
from config.db import columns
from config.db.text_fields import LineField, LinesField
from posts.models.attachment import ALT_CHARS, WithStill
from posts.models.voice import VoiceClip

MESSAGE_CHARS = 1000
PAIR_CHARS = 41  # Two ids of up to 20 digits and the colon.


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def of(self, viewer: User) -> Self:
        """Return the conversations of a member; nobody else may see one, staff neither."""
        return self.filter(memberships__user=viewer)


class Conversation(models.Model):
    """Of two users, or a group.

    Two users have one conversation, whose `pair` is "<smaller id>:<greater id>". A group has a name
    and an owner instead.
    """

    # Null and not empty for groups: the constraint allows it any number of times.
    pair = models.CharField(max_length=PAIR_CHARS, unique=True, null=True)  # noqa: DJ001
    name = LineField(max_length=columns.NAME_CHARS, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    last_message_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # The manager has the methods of the query set.
    objects: ClassVar[ConversationQuerySet]
    objects = ConversationQuerySet.as_manager()  # type: ignore[assignment]

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
    """A user in a conversation: whether they accepted it, and what of it they have read.

    Who leaves a group, or is removed, has none any more, and so sees neither messages nor files.
    """

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    # A stranger's first message waits among the requests until the user answers or accepts it
    # (RULES §2).
    is_accepted = models.BooleanField(default=False)
    read_up_to = models.BigIntegerField(default=0, help_text="Id of the last message seen.")
    begins_after = models.BigIntegerField(
        default=0,
        help_text=(
            "Id of the last message this person deleted for themselves, "
            "or that was there before them."
        ),
    )

    # Read, accepted or emptied; for pages whose hint was lost (posts/services/recent_news.py).
    changed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["changed_at"],
                condition=Q(changed_at__isnull=False),
                name="posts_membership_changed",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="posts_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, viewer: User) -> Self:
        """Return what the viewer may read: messages since they are a member, if they still are.

        In groups not those across a block. Between two, a block ends the writing; what was said
        before it stays with both.
        """
        memberships = Membership.objects.filter(
            conversation=OuterRef("conversation"), user=viewer, begins_after__lt=OuterRef("pk")
        )
        return self.filter(Exists(memberships)).without_blocked(viewer)

    def without_blocked(self, viewer: User) -> Self:
        """Leave out, in groups, whom the viewer blocks and who blocks the viewer (RULES §1)."""
        blocked = Q(sender__in=Block.objects.filter(blocker=viewer).values("blocked"))
        blocked |= Q(sender__in=Block.objects.filter(blocked=viewer).values("blocker"))
        return self.exclude(blocked & Q(conversation__pair=None))

    def without_group_events(self, viewer: User) -> Self:
        """Leave out what members did in a group, except that one of them added the viewer."""
        return self.filter(Q(event="") | Q(about=viewer))

    def unread_by(self, viewer: User) -> Self:
        """Return what others wrote since the viewer looked, in conversations that the inbox shows.

        Those are accepted, and if they are of two, neither blocked nor with somebody who is away.
        """
        # All in one filter(): a second one would join the memberships again, and might compare with
        # those of another member.
        unread = self.filter(
            Q(pk__gt=F("conversation__memberships__read_up_to")),
            Q(pk__gt=F("conversation__memberships__begins_after")),
            conversation__memberships__user=viewer,
            conversation__memberships__is_accepted=True,
            deleted_at=None,
        )
        unread = unread.exclude(sender=viewer)
        unread = unread.filter(not_away("sender") | Q(conversation__pair=None))
        # Of groups and of conversations of two alike.
        unread = unread.exclude(sender__in=Block.objects.filter(blocker=viewer).values("blocked"))
        unread = unread.exclude(sender__in=Block.objects.filter(blocked=viewer).values("blocker"))
        return unread.without_group_events(viewer)


class Message(models.Model):
    """Words, pictures or a recording; or, in a group, what a member did (`event`)."""

    class GroupEvent(models.TextChoices):
        MADE = "made", _("made this group")
        NAMED = "named", _("gave the group a new name")
        ADDED = "added", _("added")
        REMOVED = "removed", _("removed")
        LEFT = "left", _("left")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages_sent"
    )
    text = LinesField(max_length=MESSAGE_CHARS, blank=True)
    image_count = models.PositiveSmallIntegerField(default=0)
    voice = models.OneToOneField(VoiceClip, models.CASCADE, null=True, related_name="message")
    event = models.CharField(max_length=8, choices=GroupEvent, blank=True)
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # The client's own name for it: sent twice, because an answer was lost, it is one message. Null
    # and not empty without one: the constraint allows it any number of times.
    token = models.CharField(max_length=36, null=True)  # noqa: DJ001
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(
        null=True, help_text="Taken back by its sender, for everybody."
    )

    # The manager has the methods of the query set.
    objects: ClassVar[MessageQuerySet] = MessageQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "-id"], name="posts_messages_newest"),
            models.Index(
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False),
                name="posts_messages_taken_back",
            ),
        ]
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


class MessageImage(WithStill, models.Model):
    """A picture in a message, re-encoded by us; posts/views/message_images.py asks who gets it."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField()
    file = models.FileField(upload_to="messages/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    is_moving = models.BooleanField(default=False, db_default=False)
    alt = LinesField(max_length=ALT_CHARS, blank=True)

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
