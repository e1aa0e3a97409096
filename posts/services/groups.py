"""Groups: make one, name it, add and remove people, leave. Whoever made it decides who is in it."""

from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Block, User
from accounts.services import relationships
from config.limits import LIMITS
from posts.models import Conversation, Membership, Message
from posts.services import conversation_events, messaging
from posts.services.posting import without_controls

Event = Message.Event


@transaction.atomic
def make(owner: User, name: str, people: Iterable[User]) -> Conversation:
    """Make a group of `owner` and `people`. Those who do not follow the owner find it among their
    requests.

    Raises ValidationError for a bad name, nobody, too many, or people whom `owner` may not add (it
    names them).
    """
    chosen = _others(owner, people)
    clean = _clean_name(name)
    if not chosen:
        raise ValidationError(_("Choose somebody first."), code="nobody")
    if Conversation.objects.filter(owner=owner, pair=None).count() >= LIMITS.groups_made:
        message = _("You have made %(max)d groups. Leave one first.") % {"max": LIMITS.groups_made}
        raise ValidationError(message, code="too_many_groups")
    _check_room(1 + len(chosen))
    _check_may_add(owner, chosen, members=())
    group = Conversation.objects.create(name=clean, owner=owner)
    Membership.objects.create(conversation=group, user=owner, is_accepted=True)
    _let_in(group, owner, chosen)
    _note(group, owner, Event.MADE)
    return group


@transaction.atomic
def add(actor: User, group: Conversation, people: Iterable[User]) -> list[User]:
    """Add `people` and return those who were not in it before; they see what is written from now
    on.

    Raises PermissionError unless `actor` made the group, ValidationError as `make` does.
    """
    group = _locked(actor, group)
    there = list(group.memberships.values_list("user_id", flat=True))
    chosen = [person for person in _others(actor, people) if person.pk not in there]
    if not chosen:
        raise ValidationError(_("They are in this group already."), code="nobody")
    _check_room(len(there) + len(chosen))
    _check_may_add(actor, chosen, there)
    _let_in(group, actor, chosen)
    for person in chosen:
        _note(group, actor, Event.ADDED, person)
    return chosen


@transaction.atomic
def remove(actor: User, group: Conversation, person: User) -> None:
    """Take somebody out; what was written and sent in it is closed to them at once.

    Raises PermissionError unless `actor` made the group, or for oneself (that is `leave`).
    """
    group = _locked(actor, group)
    if person.pk == actor.pk:
        raise PermissionError("Leave the group instead.")
    if Membership.objects.filter(conversation=group, user=person).delete()[0]:
        _note(group, actor, Event.REMOVED, person)
        conversation_events.on_changed(group.pk, {person.pk})


@transaction.atomic
def leave(person: User, group: Conversation) -> None:
    """Go.

    The group falls to whoever is longest in it; the last one out takes it along, with its files.
    """
    group = Conversation.objects.select_for_update().get(pk=group.pk)
    if (
        not group.is_group
        or not Membership.objects.filter(conversation=group, user=person).delete()[0]
    ):
        raise PermissionError("You are not in this group.")
    rest = group.memberships.order_by("-is_accepted", "pk")
    heir = rest.first()
    conversation_events.on_changed(group.pk, {person.pk})
    if heir is None:
        group.delete()
        return
    if group.owner_id in (person.pk, None):
        group.owner_id = heir.user_id
        group.save(update_fields=["owner"])
    _note(group, person, Event.LEFT)


@transaction.atomic
def rename(actor: User, group: Conversation, name: str) -> None:
    """Raises PermissionError unless `actor` made the group, ValidationError for a bad name."""
    group = _locked(actor, group)
    clean = _clean_name(name)
    if clean == group.name:
        return
    group.name = clean
    group.save(update_fields=["name"])
    _note(group, actor, Event.NAMED)
    conversation_events.on_changed(
        group.pk, set(group.memberships.values_list("user_id", flat=True))
    )


def _locked(actor: User, group: Conversation) -> Conversation:
    """Return the group for the rest of the transaction: two who add at once must not pass the limit
    together.
    """
    found = Conversation.objects.select_for_update().get(pk=group.pk)
    if not found.is_group or found.owner_id != actor.pk:
        raise PermissionError("Only who made a group can change it.")
    return found


def _others(actor: User, people: Iterable[User]) -> list[User]:
    return list({person.pk: person for person in people if person.pk != actor.pk}.values())


def _clean_name(name: str) -> str:
    clean = " ".join(without_controls(name).split())
    if not clean:
        raise ValidationError(_("Give the group a name."), code="no_name")
    if len(clean) > LIMITS.group_name_chars:
        message = _("A name has at most %(max)d characters.") % {"max": LIMITS.group_name_chars}
        raise ValidationError(message, code="name_too_long")
    return clean


def _check_room(count: int) -> None:
    if count > LIMITS.group_people:
        message = _("A group has at most %(max)d people.") % {"max": LIMITS.group_people}
        raise ValidationError(message, code="full")


def _check_may_add(actor: User, chosen: Sequence[User], members: Sequence[int]) -> None:
    """Nobody gets into a group through somebody they would not hear from, nor beside somebody
    behind a block.
    """
    ids = {person.pk for person in chosen}
    walled = _walled_among(ids, ids | set(members))
    refused = [
        person for person in chosen if person.pk in walled or not messaging.may_write(actor, person)
    ]
    if refused:
        names = ", ".join(f"@{person.handle}" for person in refused)
        raise ValidationError(
            _("You cannot add %(people)s.") % {"people": names}, code="not_taking"
        )


def _walled_among(ids: set[int], others: set[int]) -> set[int]:
    """Return those of `ids` with a block between them and any of `others`, either way."""
    walls = Block.objects.filter(
        Q(blocker__in=ids, blocked__in=others) | Q(blocked__in=ids, blocker__in=others)
    )
    return {pk for pair in walls.values_list("blocker_id", "blocked_id") for pk in pair} & ids


def _let_in(group: Conversation, actor: User, people: Sequence[User]) -> None:
    known = relationships.followers_among(actor.pk, [person.pk for person in people])
    newest = group.messages.order_by("-id").values_list("pk", flat=True).first() or 0
    Membership.objects.bulk_create(
        Membership(
            conversation=group,
            user=person,
            is_accepted=person.pk in known,
            begins_after=newest,
            read_up_to=newest,
        )
        for person in people
    )


def _note(
    group: Conversation, actor: User, event: Message.Event, about: User | None = None
) -> None:
    """Write down in the group what happened. The actor has seen it."""
    note = Message.objects.create(conversation=group, sender=actor, event=event, about=about)
    Conversation.objects.filter(pk=group.pk).update(last_message_at=note.created_at)
    Membership.objects.filter(conversation=group, user=actor).update(read_up_to=note.pk)
    conversation_events.on_message(note)
