"""Take the site from a user, for a time or until staff give it back (RULES §1).

The account is away from the transaction on; every socket sees that within a second, and apps
that hold rooms or media are told (`Extension.on_suspended`) as soon as it is committed.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.extension_points import registry
from accounts.models import Decision, Suspension, User
from accounts.services import api_tokens, away, log_ins

log = logging.getLogger(__name__)


def suspend(person: User, decision: Decision) -> None:
    """Suspend until `decision.until`, for ever if that is None.

    A new decision takes the place of an open one.
    """
    with transaction.atomic():
        now = timezone.now()
        Suspension.objects.open().filter(user=person).update(lifted_at=now)
        Suspension.objects.create(
            user=person, decision=decision, began_at=now, until=decision.until
        )
        away.settle(person)
        # Else they would work again after `reinstate`, which only ends the suspension.
        api_tokens.end_all(person)
        transaction.on_commit(lambda: end_logins(person))


def end_logins(person: User) -> None:
    """End the login sessions, sockets and media of an account that is away now.

    Also called for an account that is being deleted.
    """
    log_ins.end_all(person.pk)
    for extension in registry.extensions():
        if extension.on_suspended is None:
            continue
        try:
            extension.on_suspended(person)
        except Exception:  # One app's failure must not leave the user in the others' rooms.
            log.exception("%s did not hear of a suspension", extension.app)


def reinstate(person: User) -> bool:
    """Give the site back; False if nothing was taken.

    An account that its user is deleting stays away: they come back by logging in.
    """
    with transaction.atomic():
        lifted = Suspension.objects.open().filter(user=person).update(lifted_at=timezone.now())
        was_away = not User.objects.not_away().filter(pk=person.pk).exists()
        away.settle(person)
    # Without a suspension, an operator had deactivated it.
    return bool(lifted) or (was_away and not person.is_away)


def lift_over(now: datetime) -> int:
    """Reinstate each user whose time is over; return how many. Two sweeps at once do no harm."""
    people = User.objects.filter(suspensions__in=Suspension.objects.over(now))
    return sum(reinstate(person) for person in people)


def current(person: User) -> Suspension | None:
    return Suspension.objects.open().filter(user=person).select_related("decision").first()
