"""Delete an account: at once, or after a time in which logging in brings everything back."""

from datetime import timedelta
from functools import partial

from django.core.files.storage import default_storage
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.extension_points import registry
from accounts.locale import in_locale_of
from accounts.models import AccountDeletion, User
from accounts.moderation import suspensions
from accounts.services import api_tokens, away, data_export, security_letters
from config.celery import app
from config.db.after_commit import after_commit
from config.limits import LIMITS


def leave(person: User, *, at_once: bool) -> AccountDeletion:
    """Hide the account and end its logins; it is emptied when its time is over, or right now.

    Raises PermissionError for staff: the log of their decisions must not lose its author.
    """
    if person.is_staff:
        raise PermissionError(
            _("Staff cannot delete their account. Ask another administrator to end your role.")
        )
    for extension in registry.extensions():
        if extension.on_deletion_asked:
            extension.on_deletion_asked(person)
    wait = timedelta(0) if at_once else timedelta(seconds=LIMITS.leave_grace_s)
    with transaction.atomic():
        deletion, _created = AccountDeletion.objects.update_or_create(
            user=person, defaults={"due_at": timezone.now() + wait}
        )
        away.settle(person)
        # Else they would work again after `come_back`, which only ends the deletion.
        api_tokens.end_all(person)
        transaction.on_commit(lambda: suspensions.end_logins(person))
        # By name, because the tasks import this module.
        if at_once:
            follow_up = partial(app.send_task, "accounts.tasks.empty_account", [person.pk])
        else:
            follow_up = partial(app.send_task, "accounts.tasks.tell_of_departure", [deletion.pk])
        # Robust: without a broker the sweep empties the account a minute later.
        after_commit(follow_up)
    return deletion


def may_come_back(person: User) -> AccountDeletion | None:
    """Return the deletion that `person` can still take back.

    None if there is none, and for a user whom staff suspended: logging in must not undo that.
    """
    deletion = AccountDeletion.objects.filter(user=person, due_at__gt=timezone.now()).first()
    if deletion and person.suspensions.open().exists():
        return None
    return deletion


@transaction.atomic
def come_back(person: User) -> None:
    """Bring the account back as it was. Raises PermissionError when it is too late."""
    if not may_come_back(person):
        raise PermissionError("This account cannot be brought back.")
    AccountDeletion.objects.filter(user=person).delete()
    away.settle(person)
    # Staff may have suspended them since we looked.
    if person.is_away:
        raise PermissionError("This account cannot be brought back.")


def due() -> list[int]:
    """Return the ids of users whose time to come back is over."""
    over = AccountDeletion.objects.filter(due_at__lte=timezone.now())
    return list(over.values_list("user_id", flat=True))


def empty(pk: int) -> bool:
    """Delete everything of an account whose time is over; False if it came back or is gone.

    May run twice. What stays is what staff and hosts did to whom: the append-only logs hold copies
    of handles and words.
    """
    person = User.objects.filter(pk=pk, account_deletion__due_at__lte=timezone.now()).first()
    if person is None or not person.is_away:
        return False
    for extension in registry.extensions():
        if extension.on_emptying:
            extension.on_emptying(person)
    data_export.remove_all(person)
    files = [str(file) for file in (person.avatar, person.header) if file]

    def remove_files() -> None:
        for name in files:
            default_storage.delete(name)

    with transaction.atomic():
        person.delete()
        after_commit(remove_files)
    return True


def mail_date(deletion: AccountDeletion) -> None:
    """Mail the user until when they can come back, also in case it was not they who asked."""
    person = deletion.user
    with in_locale_of(person):
        day = date_format(timezone.localtime(deletion.due_at), "DATE_FORMAT")
        text = _(
            "Your account @%(handle)s will be deleted on %(day)s. Nobody sees it until then.\n\n"
            "If you want to keep it, or did not ask for this, log in before that day. "
            "It comes back as it was."
        )
        # Each apart: they need not know of each other.
        for address in security_letters.verified_addresses(person) or [person.email]:
            send_mail(
                _("Your account will be deleted"),
                text % {"handle": person.handle, "day": day},
                None,
                [address],
            )
