"""Log-ins through the site's own pages, step by step, as a browser makes them."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.models import User
from tests.accounts.authenticator_app import SECRET
from tests.accounts.people import PASSWORD


def log_in(someone: User) -> Client:
    """Return a browser in which the password was typed; with a factor its code is asked for now."""
    row = {"email": someone.email, "verified": True, "primary": True}
    EmailAddress.objects.get_or_create(user=someone, defaults=row)
    client = Client()
    answer = client.post("/account/login/", {"login": someone.handle, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    return client


def log_in_with(someone: User, code: str) -> Client:
    """Return a browser whose log-in passed the second factor by `code`."""
    client = log_in(someone)
    answer = client.post("/account/2fa/authenticate/", {"code": code})
    assert answer.status_code == 302, answer.text
    return client


def have_app(someone: User) -> Authenticator:
    row: Authenticator = TOTP.activate(someone, SECRET).instance
    return row


def have_recovery_codes(someone: User) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(someone).get_unused_codes()
    return codes
