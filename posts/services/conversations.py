"""Conversations as one of their people sees them: found, listed, read, let in, deleted for oneself."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import Block, User
from posts.models import Conversation, Membership, Message
from posts.services import conversation_events, messaging

PAGE = 40
LISTED = 100  # Conversations in the list; older ones are found through the person's profile.
FACES = 3  # Of a group in the list.


@dataclass(frozen=True)
class MemberConversation:
    """A conversation as one of its people sees it.

    `others`: everybody else; of a group in a list only `FACES`.
    """

    row: Conversation
    membership: Membership
    others: tuple[Membership, ...]
    last: Message | None
    unread: int

    @property
    def pk(self) -> int:
        return self.row.pk

    def get_absolute_url(self) -> str:
        return self.row.get_absolute_url()

    @property
    def is_accepted(self) -> bool:
        return self.membership.is_accepted

    @property
    def is_group(self) -> bool:
        return self.row.is_group

    @property
    def other(self) -> User | None:
        """The other one of two; None in a group."""
        return None if self.is_group else self.others[0].user

    @property
    def people(self) -> list[User]:
        return [one.user for one in self.others]

    @property
    def name(self) -> str:
        return self.others[0].user.name if not self.is_group else self.row.name

    @property
    def is_blocked(self) -> bool:
        """True where a block stands between the two; in a group blocks hide the messages instead."""
        return not self.is_group and bool(vars(self.others[0]).get("is_blocked"))

    @property
    def may_manage(self) -> bool:
        """True for a group that the viewer made, or that has fallen to them."""
        return self.is_group and self.row.owner_id == self.membership.user_id


def find(viewer: User, pk: int) -> MemberConversation | None:
    """Return the viewer's side of a conversation with everybody in it, or None if they are not."""
    return next(
        iter(_sides(Membership.objects.filter(user=viewer, conversation=pk), viewer, opened=pk)),
        None,
    )


def between(viewer: User, other: User) -> MemberConversation | None:
    pair = messaging.pair_of(viewer, other)
    return next(
        iter(_sides(Membership.objects.filter(user=viewer, conversation__pair=pair), viewer)), None
    )


def inbox(viewer: User) -> list[MemberConversation]:
    """Conversations let in, the newest first."""
    return _shown(_sides(_listed(viewer, is_accepted=True), viewer))


def requests(viewer: User) -> list[MemberConversation]:
    """Conversations that strangers began and the viewer has not answered."""
    return _shown(_sides(_listed(viewer, is_accepted=False), viewer))


def open_beside_inbox(
    viewer: User, pk: int
) -> tuple[MemberConversation | None, list[MemberConversation]]:
    """Return a conversation and the list that stands beside it, in the same three queries."""
    listed = _listed(viewer, is_accepted=True).values("pk")
    both = Membership.objects.filter(Q(pk__in=listed) | Q(conversation=pk), user=viewer)
    found = _sides(both.order_by("-conversation__last_message_at"), viewer, opened=pk)
    opened = next((conversation for conversation in found if conversation.pk == pk), None)
    return opened, _shown(
        [
            conversation
            for conversation in found
            if conversation.is_accepted and not conversation.is_blocked
        ]
    )


def of_ids(viewer: User, ids: Collection[int]) -> dict[int, MemberConversation]:
    """Return the viewer's side of those of the conversations `ids` that the lists would show, in
    three queries.
    """
    sides = (
        _shown(_sides(listed_memberships(viewer).filter(conversation__in=ids), viewer))
        if ids
        else []
    )
    return {conversation.pk: conversation for conversation in sides}


def _listed(viewer: User, *, is_accepted: bool) -> QuerySet[Membership]:
    return (
        listed_memberships(viewer)
        .filter(is_accepted=is_accepted)
        .order_by("-conversation__last_message_at")[:LISTED]
    )


def listed_memberships(viewer: User) -> QuerySet[Membership]:
    """The viewer's side of whatever the inbox, the requests and the search may show: nothing across
    a block.
    """
    mine = Membership.objects.filter(user=viewer)
    behind_wall = Q(user__in=Block.objects.filter(blocker=viewer).values("blocked"))
    behind_wall |= Q(user__in=Block.objects.filter(blocked=viewer).values("blocker"))
    walled = Membership.objects.filter(behind_wall, conversation__pair__isnull=False).values(
        "conversation"
    )
    return mine.exclude(conversation__in=walled)


def _shown(sides: list[MemberConversation]) -> list[MemberConversation]:
    return [
        conversation
        for conversation in sides
        if conversation.last and (conversation.is_group or conversation.others[0].user.is_active)
    ]


def _sides(mine: QuerySet[Membership], viewer: User, opened: int = 0) -> list[MemberConversation]:
    """Pair each membership with the others', the newest message and what is unread; three queries
    for all.
    """
    own = Message.objects.filter(
        conversation=OuterRef("conversation"), pk__gt=OuterRef("begins_after")
    )
    own = own.without_blocked(viewer)
    unread = own.filter(pk__gt=OuterRef("read_up_to"), deleted_at=None).exclude(
        sender=OuterRef("user")
    )
    counted = (
        unread.without_group_events(viewer)
        .order_by()
        .values("conversation")
        .annotate(n=Count("pk"))
        .values("n")
    )
    rows = list(
        mine.select_related("conversation").annotate(
            last_id=Subquery(own.order_by("-id").values("pk")[:1]),
            unread=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
        )
    )
    others = _others([row.conversation_id for row in rows], viewer, opened)
    ids = [row.last_id for row in rows if row.last_id]
    last = Message.objects.select_related("sender", "about", "voice").in_bulk(ids)
    sides = [
        MemberConversation(
            row.conversation,
            row,
            others.get(row.conversation_id, ()),
            last.get(row.last_id or 0),
            row.unread,
        )
        for row in rows
    ]
    # Of two, one has deleted the account.
    return [conversation for conversation in sides if conversation.is_group or conversation.others]


def _others(
    conversations: list[int], viewer: User, opened: int
) -> dict[int, tuple[Membership, ...]]:
    walls = Block.objects.filter(blocker=viewer, blocked=OuterRef("user")) | Block.objects.filter(
        blocked=viewer, blocker=OuterRef("user")
    )
    place = Window(RowNumber(), partition_by=F("conversation"), order_by=F("pk").asc())
    rows = Membership.objects.filter(conversation__in=conversations).exclude(user=viewer)
    rows = rows.annotate(place=place, is_blocked=Exists(walls)).filter(
        Q(place__lte=FACES) | Q(conversation=opened)
    )
    found: dict[int, tuple[Membership, ...]] = {}
    for row in rows.select_related("user").order_by("pk"):
        found[row.conversation_id] = (*found.get(row.conversation_id, ()), row)
    return found


def messages_of(
    conversation: MemberConversation, before: int | None = None, after: int | None = None
) -> list[Message]:
    """Return a page of messages in the order they were written: the newest, those before, or those
    after an id.
    """
    found = Message.objects.filter(
        conversation=conversation.row, pk__gt=conversation.membership.begins_after
    )
    if conversation.is_group:
        found = found.without_blocked(conversation.membership.user)
    found = found.select_related("sender", "about", "voice")
    if after is not None:
        return list(found.filter(pk__gt=after).order_by("id")[:PAGE])
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-id")[:PAGE])[::-1]


def messages_around(conversation: MemberConversation, pk: int) -> list[Message]:
    """Return the message `pk` with what stands around it: half a page above, and the page that
    follows.
    """
    return [
        *messages_of(conversation, before=pk + 1)[-PAGE // 2 :],
        *messages_of(conversation, after=pk),
    ]


def may_write_in(conversation: MemberConversation) -> bool:
    """Whether the viewer may go on in this conversation; as `messaging.may_go_on`, with what is
    known already.
    """
    if conversation.other is None:
        return True
    if conversation.is_blocked or not conversation.other.is_active:
        return False
    return conversation.others[0].is_accepted or messaging.may_write(
        conversation.membership.user, conversation.other
    )


def readers(conversation: MemberConversation, last: Message | None) -> list[User]:
    """Return who has seen `last`, if the viewer wrote it; they tell by accepting (RULES §2)."""
    if last is None or last.sender_id != conversation.membership.user_id:
        return []
    return [
        one.user for one in conversation.others if one.is_accepted and one.read_up_to >= last.pk
    ]


def mark_read(conversation: MemberConversation, up_to: int) -> None:
    """Move the viewer's mark forward, never back: two tabs may answer in any order."""
    if conversation.membership.read_up_to >= up_to:
        return
    with transaction.atomic():
        if Membership.objects.filter(pk=conversation.membership.pk, read_up_to__lt=up_to).update(
            read_up_to=up_to
        ):
            conversation_events.on_read(conversation.membership, up_to)


def accept(conversation: MemberConversation) -> None:
    Membership.objects.filter(pk=conversation.membership.pk).update(is_accepted=True)
    conversation_events.on_changed(conversation.pk, {conversation.membership.user_id})


def delete_for_me(conversation: MemberConversation) -> None:
    """Empty the conversation for the viewer; the others keep theirs.

    A new message brings it back, as new.
    """
    newest = (
        Message.objects.filter(conversation=conversation.row)
        .order_by("-id")
        .values_list("pk", flat=True)
        .first()
    )
    Membership.objects.filter(pk=conversation.membership.pk).update(
        begins_after=newest or 0, read_up_to=newest or 0
    )
    conversation_events.on_changed(conversation.pk, {conversation.membership.user_id})
