"""Conversations as one of their members sees them: found, listed, read, accepted, deleted."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from accounts.models import Block, User
from accounts.models.user import not_away
from config.db import prepared
from posts.models import Conversation, Membership, Message
from posts.services import conversation_events, messaging

PAGE = 40
LISTED = 100  # Conversations in the list; older ones are found through the person's profile.
LISTED_MEMBERS = 3  # Of a group in the list.
# Takes the viewer and what says which of their memberships (config.db.prepared).
Chosen = Callable[..., QuerySet[Membership]]


@dataclass(frozen=True)
class MemberConversation:
    """A conversation as one of its members sees it.

    `membership` is the viewer's own. `others` are those of everybody else; of a group in a list
    only `LISTED_MEMBERS` of them.
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
        return self.row.name if self.is_group else self.others[0].user.name

    @property
    def is_blocked(self) -> bool:
        """True where a block stands between the two.

        Never true of a group: there blocks hide single messages instead.
        """
        return not self.is_group and bool(vars(self.others[0]).get("is_blocked"))

    @property
    def may_manage(self) -> bool:
        """True for a group that the viewer made, or that has fallen to them."""
        return self.is_group and self.row.owner_id == self.membership.user_id


def find(viewer: User, pk: int) -> MemberConversation | None:
    """Return a conversation with all its members; None if the viewer is not one of them."""
    return next(iter(_load(_of_conversation, viewer, pk, opened=pk)), None)


def _of_conversation(viewer: User, pk: int) -> QuerySet[Membership]:
    return Membership.objects.filter(user=viewer, conversation=pk)


def between(viewer: User, other: User) -> MemberConversation | None:
    return next(iter(_load(_of_pair, viewer, messaging.pair_of(viewer, other))), None)


def _of_pair(viewer: User, pair: str) -> QuerySet[Membership]:
    return Membership.objects.filter(user=viewer, conversation__pair=pair)


def inbox(viewer: User) -> list[MemberConversation]:
    """Return the accepted conversations, newest first."""
    return _with_messages(_load(_newest, viewer, True))


def requests(viewer: User) -> list[MemberConversation]:
    """Return the conversations that strangers began and the viewer has not answered."""
    return _with_messages(_load(_newest, viewer, False))


def open_beside_inbox(
    viewer: User, pk: int
) -> tuple[MemberConversation | None, list[MemberConversation]]:
    """Return a conversation and the inbox that stands beside it, in the same three queries."""
    found = _load(_listed_and, viewer, pk, opened=pk)
    opened = next((one for one in found if one.pk == pk), None)
    # The opened one may be a request or stand across a block, which the inbox does not show.
    in_inbox = [one for one in found if one.is_accepted and not one.is_blocked]
    return opened, _with_messages(in_inbox)


def _listed_and(viewer: User, pk: int) -> QuerySet[Membership]:
    listed = _newest(viewer, True).values("pk")
    both = Membership.objects.filter(Q(pk__in=listed) | Q(conversation=pk), user=viewer)
    return both.order_by("-conversation__last_message_at")


def of_ids(viewer: User, ids: Collection[int]) -> dict[int, MemberConversation]:
    """Return those of the conversations `ids` that the lists would show, in three queries."""
    if not ids:
        return {}
    return {one.pk: one for one in _with_messages(_load(_listed_among, viewer, frozenset(ids)))}


def _listed_among(viewer: User, ids: frozenset[int]) -> QuerySet[Membership]:
    return listed_memberships(viewer).filter(conversation__among=ids)


def _newest(viewer: User, is_accepted: bool) -> QuerySet[Membership]:
    rows = listed_memberships(viewer).filter(is_accepted=is_accepted)
    return rows.order_by("-conversation__last_message_at")[:LISTED]


def listed_memberships(viewer: User) -> QuerySet[Membership]:
    """The viewer's memberships that inbox, requests and search may show.

    Of conversations of two none across a block, and none with somebody who is away.
    """
    is_hidden = Q(user__in=Block.objects.filter(blocker=viewer).values("blocked"))
    is_hidden |= Q(user__in=Block.objects.filter(blocked=viewer).values("blocker"))
    is_hidden |= ~not_away("user")
    mine = Membership.objects.filter(user=viewer)
    # Of the viewer's own alone: who is away may be in any number of others.
    hidden = Membership.objects.filter(
        is_hidden, conversation__in=mine.values("conversation"), conversation__pair__isnull=False
    )
    return mine.exclude(conversation__in=hidden.values("conversation"))


def _with_messages(found: list[MemberConversation]) -> list[MemberConversation]:
    """Leave out empty conversations, and those of two with somebody who is away."""
    return [one for one in found if one.last and (one.is_group or not one.others[0].user.is_away)]


def _load(
    chosen: Chosen, viewer: User, *values: Hashable, opened: int = 0
) -> list[MemberConversation]:
    """Add to each of `chosen(viewer, *values)` what a page shows of the conversation.

    That is the other members, the newest message and the number of unread ones: three queries,
    however many conversations there are. `opened` is the id of the one with all its members.
    """
    rows = prepared.fetch(_with_counts, chosen, viewer, *values)
    ids = frozenset(row.conversation_id for row in rows)
    others = _others_of(ids, viewer, opened) if rows else {}
    last_ids = frozenset(row.last_id for row in rows if row.last_id)
    last = {one.pk: one for one in prepared.fetch(_messages, last_ids)} if last_ids else {}
    found = []
    for row in rows:
        row.user = viewer
        members = others.get(row.conversation_id, ())
        # Of a conversation of two the other one may have deleted the account.
        if members or row.conversation.is_group:
            newest = last.get(row.last_id or 0)
            found.append(MemberConversation(row.conversation, row, members, newest, row.unread))
    return found


def _with_counts(chosen: Chosen, viewer: User, *values: Hashable) -> QuerySet[Any]:
    """The rows have `last_id` and `unread`, of which their class knows nothing: hence Any."""
    readable = Message.objects.filter(
        conversation=OuterRef("conversation"), pk__gt=OuterRef("begins_after")
    ).without_blocked(viewer)
    unread = (
        readable.filter(pk__gt=OuterRef("read_up_to"), deleted_at=None)
        .exclude(sender=OuterRef("user"))
        .without_group_events(viewer)
    )
    # Counted by group, without an order: as a subquery this is one number a conversation.
    unread_count = unread.order_by().values("conversation").annotate(n=Count("pk")).values("n")
    return (
        chosen(viewer, *values)
        .select_related("conversation")
        .annotate(
            last_id=Subquery(readable.order_by("-id").values("pk")[:1]),
            unread=Coalesce(Subquery(unread_count, output_field=IntegerField()), 0),
        )
    )


def _messages(ids: frozenset[int]) -> QuerySet[Message]:
    return Message.objects.filter(pk__among=ids).select_related("sender", "about", "voice")


def _others_of(
    conversations: frozenset[int], viewer: User, opened: int
) -> dict[int, tuple[Membership, ...]]:
    """Return the other members by conversation: a few of each, of `opened` all."""
    found: dict[int, list[Membership]] = defaultdict(list)
    for row in prepared.fetch(_others, viewer, conversations, opened):
        found[row.conversation_id].append(row)
    return {pk: tuple(members) for pk, members in found.items()}


def _others(viewer: User, conversations: frozenset[int], opened: int) -> QuerySet[Membership]:
    blocks = Block.objects.filter(blocker=viewer, blocked=OuterRef("user"))
    blocks |= Block.objects.filter(blocked=viewer, blocker=OuterRef("user"))
    place = Window(RowNumber(), partition_by=F("conversation"), order_by=F("pk").asc())
    # Who is away is in no group; of a conversation of two there is nobody else to name.
    is_shown = not_away("user") | Q(conversation__pair__isnull=False)
    rows = (
        Membership.objects.filter(is_shown, conversation__among=conversations)
        .exclude(user=viewer)
        .annotate(place=place, is_blocked=Exists(blocks))
        .filter(Q(place__lte=LISTED_MEMBERS) | Q(conversation=opened))
    )
    return rows.select_related("user").order_by("pk")


def messages_of(
    conversation: MemberConversation, before: int | None = None, after: int | None = None
) -> list[Message]:
    """Return a page of messages, oldest first: the newest ones, or those before or after an id."""
    mine = conversation.membership
    begins_after = mine.begins_after if after is None else max(mine.begins_after, after)
    # Between two nothing is hidden.
    viewer = mine.user if conversation.is_group else None
    is_newest_first = after is None
    found = prepared.fetch(
        _page,
        conversation.pk,
        viewer,
        begins_after,
        before if is_newest_first else None,
        is_newest_first,
    )
    return found[::-1] if is_newest_first else found


def _page(
    conversation: int, viewer: User | None, after: int, before: int | None, is_newest_first: bool
) -> QuerySet[Message]:
    found = Message.objects.filter(conversation=conversation, pk__gt=after)
    if viewer:
        found = found.without_blocked(viewer)
    if before is not None:
        found = found.filter(pk__lt=before)
    found = found.select_related("sender", "about", "voice")
    return found.order_by("-id" if is_newest_first else "id")[:PAGE]


def messages_around(conversation: MemberConversation, pk: int) -> list[Message]:
    """Return half a page that ends with the message `pk`, and the page that follows it."""
    above = messages_of(conversation, before=pk + 1)[-PAGE // 2 :]
    return above + messages_of(conversation, after=pk)


def may_write_in(conversation: MemberConversation) -> bool:
    """As `messaging.may_go_on`, with what has been loaded already."""
    if conversation.other is None:
        return True
    if conversation.is_blocked or conversation.other.is_away:
        return False
    is_accepted = conversation.others[0].is_accepted
    return is_accepted or messaging.may_write(conversation.membership.user, conversation.other)


def readers(conversation: MemberConversation, last: Message | None) -> list[User]:
    """Return who has seen `last`, if the viewer wrote it.

    Only members who accepted the conversation tell that they have read it (RULES §2).
    """
    if last is None or last.sender_id != conversation.membership.user_id:
        return []
    others = conversation.others
    return [one.user for one in others if one.is_accepted and one.read_up_to >= last.pk]


def mark_read(conversation: MemberConversation, up_to: int) -> None:
    """Move the viewer's read mark forward, never back: two tabs may answer in any order."""
    membership = conversation.membership
    if membership.read_up_to >= up_to:
        return
    with transaction.atomic():
        rows = Membership.objects.filter(pk=membership.pk, read_up_to__lt=up_to)
        if rows.update(read_up_to=up_to, changed_at=timezone.now()):
            conversation_events.on_read(membership, up_to)


def accept(conversation: MemberConversation) -> None:
    membership = conversation.membership
    Membership.objects.filter(pk=membership.pk).update(is_accepted=True, changed_at=timezone.now())
    conversation_events.on_changed(conversation.pk, {membership.user_id})


def delete_for_me(conversation: MemberConversation) -> None:
    """Empty the conversation for the viewer; the others keep theirs.

    A new message brings it back, as new.
    """
    membership = conversation.membership
    messages = Message.objects.filter(conversation=conversation.row).order_by("-id")
    newest = messages.values_list("pk", flat=True).first() or 0
    Membership.objects.filter(pk=membership.pk).update(
        begins_after=newest, read_up_to=newest, changed_at=timezone.now()
    )
    conversation_events.on_changed(conversation.pk, {membership.user_id})
