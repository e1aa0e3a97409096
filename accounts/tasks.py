"""Celery tasks of accounts. Each may run twice, or late, without harm."""

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from accounts.models import AccountDeletion, Decision
from accounts.moderation import decision_email, evidence, suspensions
from accounts.notifications import deliver as deliveries
from accounts.notifications import digest
from accounts.services import account_deletion, data_export, handles, muted_words, security_letters


@shared_task(time_limit=3600)
def make_export(pk: int) -> bool:
    """Longer than others may take: all that a user ever wrote and uploaded goes through here."""
    return data_export.run(pk)


@shared_task(time_limit=3600)
def empty_account(pk: int) -> bool:
    return account_deletion.empty(pk)


# The name that web processes of the former version send: an update must not lose the mail.
@shared_task(name="accounts.tasks.tell_of_departure")
def mail_deletion_date(pk: int) -> None:
    for deletion in AccountDeletion.objects.filter(pk=pk).select_related("user"):
        account_deletion.mail_date(deletion)


@shared_task(autoretry_for=(OSError,), retry_backoff=10, max_retries=5)
def mail_security_letter(pk: int) -> None:
    security_letters.mail(pk)


@shared_task
def sweep_accounts() -> int:
    """Empty accounts whose time is over; remove copies of data, muted words and resting handles
    past theirs; mail letters that were left.
    """
    for pk in account_deletion.due():
        empty_account.delay(pk)
    for pk in data_export.lost():  # Their tasks went with a broker.
        make_export.delay(pk)
    for pk in security_letters.lost():
        mail_security_letter.delay(pk)
    return data_export.sweep() + muted_words.sweep() + handles.sweep()


@shared_task
def lift_suspensions() -> int:
    return suspensions.lift_over(timezone.now())


@shared_task
def forget_evidence() -> int:
    return evidence.forget_old(timezone.now())


@shared_task(autoretry_for=(OSError,), retry_backoff=10, max_retries=5)
def mail_decision(pk: int) -> None:
    for decision in Decision.objects.filter(pk=pk).select_related("person", "suspension"):
        decision_email.send(decision)


@worker_shutting_down.connect
def on_worker_shutting_down(**_signal: object) -> None:
    """A sweep begins nothing more; what is under way may end."""
    deliveries.stopping.set()


@shared_task
def deliver() -> int:
    return deliveries.sweep_unless_running(timezone.now())


@shared_task
def plan_digests() -> int:
    return digest.plan(timezone.now())


@shared_task
def forget_deliveries() -> int:
    return deliveries.forget_old(timezone.now())
