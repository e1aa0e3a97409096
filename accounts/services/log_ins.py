"""Log-ins of browsers: they end when an account is opened in another way from now on."""

from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db.models.signals import post_delete, post_save
from django.utils.module_loading import import_string

from accounts.models import User

# A new set of recovery codes is no other factor.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def end_all(user: int, but: str = "") -> None:
    """End them, but the one with the key `but`; `accounts.realtime.session_watch` closes sockets,
    those of rooms too.
    """
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    for log_in in UserSession.objects.filter(user=user).exclude(session_key=but):
        store(log_in.session_key).delete()
        log_in.delete()


def sets_password(user: User) -> bool:
    """True in `post_save` of a user whose password is another now, or none.

    `_password` stands from `set_password` until the row is saved, and not when only the hash is
    renewed. Django itself ends the sessions: their hash is made of the password's.
    """
    return vars(user).get("_password") is not None or not user.has_usable_password()


def connect() -> None:
    """Called once, from AppConfig.ready()."""
    post_save.connect(_on_factor_saved, sender=Authenticator, dispatch_uid="accounts.log_ins.added")
    post_delete.connect(
        _on_factor_deleted, sender=Authenticator, dispatch_uid="accounts.log_ins.removed"
    )


# Any: Django's signals.
def _on_factor_saved(instance: Authenticator, created: bool, **_signal: Any) -> None:
    if created:
        _end_others(instance)


def _on_factor_deleted(instance: Authenticator, **_signal: Any) -> None:
    _end_others(instance)


def _end_others(factor: Authenticator) -> None:
    # Whoever was logged in without the factor that protects the account now.
    if factor.type in FACTORS:
        end_all(factor.user_id, but=_key_of_this(factor.user_id))


def _key_of_this(user: int) -> str:
    """Return the key of the log-in that the request at hand came with, if it is the user's."""
    request = context.request  # None outside of requests.
    if request is None or request.user.pk != user:
        return ""
    return request.session.session_key or ""
