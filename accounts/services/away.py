"""Why an account is away; the only writer of what `accounts.models.user.not_away` asks.

Who is suspended and deletes the account meanwhile is away for two reasons, and comes back only when
both are over, in whatever order they end.
"""

from django.db import transaction

from accounts.models import AccountDeletion, Suspension, User


@transaction.atomic
def settle(person: User) -> None:
    """Make the account away if anything says so, and not away otherwise.

    Called by whoever begins or ends a suspension or a deletion, after that, in its transaction.
    `person` is made to say the same as the row.
    """
    # Under the lock: of two reasons that change at once the second one sees what the first has
    # left, so that nobody who is coming back undoes a suspension of the same moment.
    User.objects.select_for_update().get(pk=person.pk)
    is_suspended = Suspension.objects.open().filter(user=person).exists()
    is_leaving = AccountDeletion.objects.filter(user=person).exists()
    person.is_active = not (is_suspended or is_leaving)
    changed = User.objects.filter(pk=person.pk).exclude(is_active=person.is_active)
    changed.update(is_active=person.is_active)
