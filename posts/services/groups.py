"""Groups: make one, name it, add and remove people, leave. Its owner decides who is in it."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Block, User
from accounts.models.user import not_away
from accounts.services import relationships
from config.limits import LIMITS
from config.text import line
from posts.models import Conversation, Membership, Message
from posts.services import conversation_events, messaging

Event = Message.GroupEvent


@transaction.atomic
def make(owner: User, name: str, people: Iterable[User]) -> Conversation:
    """Make a group of `owner` and `people`.

    Those who do not follow the owner find it among their requests. Raises ValidationError for a
    bad name, nobody, too many, or people whom `owner` may not add (it names them).
    """
    chosen = _without(owner, people)
    clean = _clean_name(name)
    if not chosen:
        raise ValidationError(_("Choose somebody first."), code="nobody")
    if Conversation.objects.filter(owner=owner, pair=None).count() >= LIMITS.groups_made:
        message = _("You have made %(max)d groups. Leave one first.") % {"max": LIMITS.groups_made}
        raise ValidationError(message, code="too_many_groups")
    _check_may_add(owner, chosen, members=[])
    group = Conversation.objects.create(name=clean, owner=owner)
    Membership.objects.create(conversation=group, user=owner, is_accepted=True)
    _add_members(group, owner, chosen)
    _write_event(group, owner, Event.MADE)
    return group


@transaction.atomic
def add(actor: User, group: Conversation, people: Iterable[User]) -> list[User]:
    """Add `people`, who see what is written from now on.

    Returns those who were not in it before. Raises PermissionError unless `actor` owns the group,
    ValidationError as `make` does.
    """
    group = _locked(actor, group)
    members = list(group.memberships.values_list("user_id", flat=True))
    chosen = [person for person in _without(actor, people) if person.pk not in members]
    if not chosen:
        raise ValidationError(_("They are in this group already."), code="nobody")
    _check_may_add(actor, chosen, members)
    # Before the events: members see what comes after they were added, so also that they were.
    _add_members(group, actor, chosen)
    for person in chosen:
        _write_event(group, actor, Event.ADDED, person)
    return chosen


@transaction.atomic
def remove(actor: User, group: Conversation, person: User) -> None:
    """Remove `person`, for whom all messages and files of the group are closed at once.

    Raises PermissionError unless `actor` owns the group, or for oneself (that is `leave`).
    """
    group = _locked(actor, group)
    if person.pk == actor.pk:
        raise PermissionError("Leave the group instead.")
    if Membership.objects.filter(conversation=group, user=person).delete()[0]:
        _write_event(group, actor, Event.REMOVED, person)
        # No member any more, so what tells the members of the event does not reach them.
        conversation_events.on_changed(group.pk, {person.pk})


@transaction.atomic
def leave(person: User, group: Conversation) -> None:
    """End `person`'s membership.

    A group without its owner falls to the member of longest standing who is not away; without any
    member it is deleted, with its files. Raises PermissionError for who is no member.
    """
    # Locked, so that of two who leave at once the second sees that the first is gone.
    group = Conversation.objects.select_for_update().get(pk=group.pk)
    membership = Membership.objects.filter(conversation=group, user=person)
    if not group.is_group or not membership.delete()[0]:
        raise PermissionError("You are not in this group.")
    conversation_events.on_changed(group.pk, {person.pk})
    by_standing = group.memberships.order_by("-is_accepted", "pk")
    # Who is away could not add or remove anybody.
    heir = by_standing.filter(not_away("user")).first() or by_standing.first()
    if heir is None:
        group.delete()
        return
    # None if the row of the owner went without leaving (SET_NULL): who leaves next settles it.
    if group.owner_id in (person.pk, None):
        group.owner_id = heir.user_id
        group.save(update_fields=["owner"])
    _write_event(group, person, Event.LEFT)


@transaction.atomic
def rename(actor: User, group: Conversation, name: str) -> None:
    """Raises PermissionError unless `actor` owns the group, ValidationError for a bad name."""
    group = _locked(actor, group)
    clean = _clean_name(name)
    if clean == group.name:
        return
    group.name = clean
    group.save(update_fields=["name"])
    _write_event(group, actor, Event.NAMED)
    members = group.memberships.values_list("user_id", flat=True)
    conversation_events.on_changed(group.pk, set(members))


def _locked(actor: User, group: Conversation) -> Conversation:
    """Return the group, locked for the rest of the transaction.

    Without the lock, two who add people at once could pass the limit together. Raises
    PermissionError unless `actor` owns the group.
    """
    found = Conversation.objects.select_for_update().get(pk=group.pk)
    if not found.is_group or found.owner_id != actor.pk:
        raise PermissionError("Only who made a group can change it.")
    return found


def _without(actor: User, people: Iterable[User]) -> list[User]:
    """Return `people` without the actor, each once."""
    return list({person.pk: person for person in people if person.pk != actor.pk}.values())


def _clean_name(name: str) -> str:
    clean = line(name)
    if not clean:
        raise ValidationError(_("Give the group a name."), code="no_name")
    if len(clean) > LIMITS.group_name_chars:
        message = _("A name has at most %(max)d characters.") % {"max": LIMITS.group_name_chars}
        raise ValidationError(message, code="name_too_long")
    return clean


def _check_may_add(actor: User, chosen: Sequence[User], members: Sequence[int]) -> None:
    """Raise ValidationError if the group gets too large, or `actor` may not add one of `chosen`.

    Nobody is added by somebody who may not write to them, nor to a group with somebody whom they
    block or who blocks them. `members` are those who are in it already, without a new owner.
    """
    ids = {person.pk for person in chosen}
    if len({actor.pk, *members, *ids}) > LIMITS.group_people:
        message = _("A group has at most %(max)d people.") % {"max": LIMITS.group_people}
        raise ValidationError(message, code="full")
    everybody = ids | set(members)
    blocks = Block.objects.filter(
        Q(blocker__in=ids, blocked__in=everybody) | Q(blocked__in=ids, blocker__in=everybody)
    )
    behind_block: set[int] = set()
    for pair in blocks.values_list("blocker_id", "blocked_id"):
        behind_block.update(pair)
    refused = []
    for person in chosen:
        if person.pk in behind_block or not messaging.may_write(actor, person):
            refused.append(f"@{person.handle}")
    if refused:
        message = _("You cannot add %(people)s.") % {"people": ", ".join(refused)}
        raise ValidationError(message, code="not_taking")


def _add_members(group: Conversation, actor: User, people: Sequence[User]) -> None:
    """Who follows the actor has accepted the group; the others find it among their requests."""
    followers = relationships.followers_among(actor.pk, [person.pk for person in people])
    newest = group.messages.order_by("-id").values_list("pk", flat=True).first() or 0
    Membership.objects.bulk_create(
        Membership(
            conversation=group,
            user=person,
            is_accepted=person.pk in followers,
            begins_after=newest,
            read_up_to=newest,
        )
        for person in people
    )


def _write_event(
    group: Conversation, actor: User, event: Message.GroupEvent, about: User | None = None
) -> None:
    """Add a message that says what happened in the group. The actor has read it."""
    message = Message.objects.create(conversation=group, sender=actor, event=event, about=about)
    Conversation.objects.filter(pk=group.pk).update(last_message_at=message.created_at)
    Membership.objects.filter(conversation=group, user=actor).update(read_up_to=message.pk)
    conversation_events.on_message(message)
