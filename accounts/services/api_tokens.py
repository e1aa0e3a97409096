"""API tokens: the log-ins of programs. They end with what ends the log-ins of browsers."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import User
from accounts.services import log_ins, security_letters
from config.limits import LIMITS

NAME_CHARS = 16  # Of a digest: enough to tell tokens of one person apart.


def issue(person: User) -> tuple[AuthToken, str] | None:
    """Return a new token and its text, which nobody can read later; the oldest gives way.

    `person` is as the password was compared with; None if it changed since, or the account is away.
    """
    with transaction.atomic():
        # Locked: two log-ins at once must not leave one token too many.
        same = User.objects.not_away().filter(pk=person.pk, password=person.password)
        if not same.select_for_update().exists():
            return None
        newest = living(person).values_list("pk", flat=True)[: max(0, LIMITS.api_tokens - 1)]
        AuthToken.objects.filter(user=person).exclude(pk__in=list(newest)).delete()
        row, text = AuthToken.objects.create(user=person)
        security_letters.write(person, security_letters.Kind.TOKEN)
    return row, text


def living(person: User) -> QuerySet[AuthToken]:
    """Return those that have not run out, the newest first."""
    rows: QuerySet[AuthToken] = AuthToken.objects.filter(user=person, expiry__gt=timezone.now())
    return rows.order_by("-created", "pk")


def end(person: User, name: str) -> bool:
    """End the one token whose digest begins with `name`; False if the person has none such."""
    if len(name) != NAME_CHARS:
        return False
    deleted: int
    deleted, _rows = AuthToken.objects.filter(user=person, digest__startswith=name).delete()
    return deleted > 0


def end_all(person: User) -> None:
    """End all; `accounts.realtime.session_watch` closes the sockets that came with them."""
    AuthToken.objects.filter(user=person).delete()


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    post_save.connect(_on_saved, sender=User, dispatch_uid="accounts.tokens.password")
    post_save.connect(_on_factor_saved, sender=Authenticator, dispatch_uid="accounts.tokens.added")
    post_delete.connect(
        _on_factor_deleted, sender=Authenticator, dispatch_uid="accounts.tokens.removed"
    )


# Any: Django's signals.
def _on_saved(instance: User, created: bool, **_signal: Any) -> None:
    # By whatever way: pages, a mailed link, the admin, a command.
    if log_ins.sets_password(instance) and not created:
        end_all(instance)


def _on_factor_saved(instance: Authenticator, created: bool, **_signal: Any) -> None:
    if created:
        _on_factor_deleted(instance)


def _on_factor_deleted(instance: Authenticator, **_signal: Any) -> None:
    if instance.type in log_ins.FACTORS:
        AuthToken.objects.filter(user=instance.user_id).delete()
