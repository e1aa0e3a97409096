"""Letters about changes of how an account is opened, to all its verified addresses.

They are written where the rows change, whichever page, program, command or member of the staff
did it; a worker mails them.
"""

import ipaddress
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.db.models.signals import post_delete, post_save, pre_save
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.locale import in_locale_of
from accounts.models import SecurityLetter, User
from accounts.notifications.email import site
from accounts.services import log_ins
from config.celery import app
from config.db.after_commit import after_commit
from config.http import client_address
from config.text import lines

Kind = SecurityLetter.Kind
LOST_S = 60  # A task that has not begun after this was lost, for example with the broker.
DEAD_S = 600  # Who claimed a letter for so long has died.
GIVEN_UP_S = 3 * 86400
USER_AGENT_CHARS = 200

SENTENCES = {
    Kind.PASSWORD: _("The password of your account @%(handle)s was changed."),
    Kind.HANDLE: _("Your account @%(detail)s is called @%(handle)s now."),
    Kind.ADDRESS_ADDED: _("The address %(detail)s was added to your account @%(handle)s."),
    Kind.ADDRESS_REMOVED: _("The address %(detail)s was removed from your account @%(handle)s."),
    Kind.ADDRESS_CHANGED: _("Letters for your account @%(handle)s go to %(detail)s now."),
    Kind.APP_ADDED: _("Your account @%(handle)s asks for a code of an authenticator app now."),
    Kind.APP_REMOVED: _("Your account @%(handle)s asks for no code of an app any more."),
    Kind.PASSKEY_ADDED: _("A passkey opens your account @%(handle)s now."),
    Kind.PASSKEY_REMOVED: _("A passkey of your account @%(handle)s was removed."),
    Kind.RECOVERY_CODES: _(
        "Your account @%(handle)s has new recovery codes; the old ones are void."
    ),
    Kind.TOKEN: _("A program has logged in to your account @%(handle)s and may use it for you."),
    Kind.COPY: _("A copy of all data of your account @%(handle)s was asked for."),
}
FACTORS = {
    Authenticator.Type.TOTP: (Kind.APP_ADDED, Kind.APP_REMOVED),
    Authenticator.Type.WEBAUTHN: (Kind.PASSKEY_ADDED, Kind.PASSKEY_REMOVED),
}


def verified_addresses(person: User) -> list[str]:
    verified = EmailAddress.objects.filter(user=person, verified=True)
    return list(verified.order_by("-primary", "pk").values_list("email", flat=True))


def write(person: User, kind: Kind, detail: str = "", also: str = "") -> None:
    """Write to each verified address, and to `also`, which may be none any more."""
    addresses = dict.fromkeys(filter(None, [*verified_addresses(person), also]))
    ip, user_agent = _where_from(person)
    for address in addresses:
        letter = SecurityLetter.objects.create(
            user=person, kind=kind, detail=detail, address=address, ip=ip, user_agent=user_agent
        )
        # By name, because the tasks import this module.
        after_commit(app.send_task, "accounts.tasks.mail_security_letter", [letter.pk])


def _where_from(person: User) -> tuple[str | None, str]:
    """Return address and browser of the request at hand, unless somebody else's: of staff."""
    request = context.request  # None outside of requests.
    if request is None or request.user.pk not in {None, person.pk}:
        return None, ""
    user_agent = request.headers.get("User-Agent", "")[:USER_AGENT_CHARS]
    # Behind a Unix socket there may be none.
    ip = client_address.of_request(request)
    try:
        return str(ipaddress.ip_address(ip)), user_agent
    except ValueError:
        return None, user_agent


def mail(pk: int) -> None:
    """Send the letter if nobody else does. Raises what the mail server raises."""
    claimable = _unclaimed().filter(pk=pk)
    if not claimable.update(claimed_at=timezone.now()):
        return
    letter = SecurityLetter.objects.select_related("user").get(pk=pk)
    try:
        _send(letter)
    except BaseException:  # Also when the worker is told to stop.
        SecurityLetter.objects.filter(pk=pk).update(claimed_at=None)
        raise
    letter.delete()


def _send(letter: SecurityLetter) -> None:
    person = letter.user
    with in_locale_of(person):
        names = {"handle": person.handle, "detail": letter.detail}
        whole = {
            "person": person,
            "letter": letter,
            "sentence": SENTENCES[Kind(letter.kind)] % names,
            "site": site(),
        }
        message = EmailMultiAlternatives(
            letter.get_kind_display(),
            lines(render_to_string("accounts/mail/security.txt", whole)),
            to=[letter.address],
            headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no holiday replies.
        )
        html = render_to_string("accounts/mail/security.html", whole)
    message.attach_alternative(html, "text/html")
    message.send()


def _unclaimed() -> QuerySet[SecurityLetter]:
    dead = timezone.now() - timedelta(seconds=DEAD_S)
    return SecurityLetter.objects.filter(Q(claimed_at=None) | Q(claimed_at__lt=dead))


def lost() -> list[int]:
    """Return the ids of those that nobody mails; those that nobody could mail for days go."""
    now = timezone.now()
    given_up = now - timedelta(seconds=GIVEN_UP_S)
    SecurityLetter.objects.filter(happened_at__lt=given_up).delete()
    waiting = _unclaimed().filter(happened_at__lt=now - timedelta(seconds=LOST_S))
    return list(waiting.values_list("pk", flat=True))


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    uid = "accounts.security_letters"
    pre_save.connect(_before_user, sender=User, dispatch_uid=f"{uid}.before_user")
    post_save.connect(_on_user, sender=User, dispatch_uid=f"{uid}.user")
    pre_save.connect(_before_address, sender=EmailAddress, dispatch_uid=f"{uid}.before_address")
    post_save.connect(_on_address, sender=EmailAddress, dispatch_uid=f"{uid}.address")
    post_delete.connect(_on_address_removed, sender=EmailAddress, dispatch_uid=f"{uid}.removed")
    post_save.connect(_on_factor, sender=Authenticator, dispatch_uid=f"{uid}.factor")
    post_delete.connect(_on_factor_removed, sender=Authenticator, dispatch_uid=f"{uid}.no_factor")


# Any: Django's signals.
def _before_user(instance: User, update_fields: frozenset[str] | None, **_signal: Any) -> None:
    """Remember what may change, for `_on_user`."""
    before = None
    if instance.pk and (update_fields is None or update_fields & {"handle", "email"}):
        before = User.objects.filter(pk=instance.pk).values_list("handle", "email").first()
    vars(instance)["_written_before"] = before


def _on_user(instance: User, created: bool, **_signal: Any) -> None:
    if created:
        return
    if log_ins.sets_password(instance):
        write(instance, Kind.PASSWORD)
    handle, email = vars(instance).get("_written_before") or (instance.handle, instance.email)
    if handle != instance.handle:
        write(instance, Kind.HANDLE, handle)
    if email.lower() != instance.email.lower() and instance.email:
        write(instance, Kind.ADDRESS_CHANGED, instance.email)


def _before_address(instance: EmailAddress, **_signal: Any) -> None:
    row = (
        EmailAddress.objects.filter(pk=instance.pk) if instance.pk else EmailAddress.objects.none()
    )
    vars(instance)["_was_verified"] = row.filter(verified=True).exists()


def _on_address(instance: EmailAddress, **_signal: Any) -> None:
    is_new = instance.verified and not vars(instance).get("_was_verified")
    # The first of an account is the end of its sign-up.
    if is_new and verified_addresses(instance.user) != [instance.email]:
        write(instance.user, Kind.ADDRESS_ADDED, instance.email)


def _on_address_removed(instance: EmailAddress, origin: object, **_signal: Any) -> None:
    # Who had entered no code from there is told nothing of the account.
    if instance.verified and not _goes_with_account(origin):
        write(instance.user, Kind.ADDRESS_REMOVED, instance.email, also=instance.email)


def _on_factor(instance: Authenticator, created: bool, **_signal: Any) -> None:
    if created and instance.type in FACTORS:
        write(instance.user, FACTORS[instance.type][0])


def _on_factor_removed(instance: Authenticator, origin: object, **_signal: Any) -> None:
    if instance.type in FACTORS and not _goes_with_account(origin):
        write(instance.user, FACTORS[instance.type][1])


def _goes_with_account(origin: object) -> bool:
    """True if a row is deleted with its user, or with users."""
    return getattr(origin, "model", type(origin)) is User
