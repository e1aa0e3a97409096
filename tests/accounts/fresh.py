"""Browsers whose person has just proved who they are, and such as have not."""

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tests.accounts.people import BACKEND, PASSWORD

REAUTHENTICATE = "/account/reauthenticate/"
SECRET = "JBSWY3DPEHPK3PXP"  # Of `people.add_second_factor`.


def with_address(someone: User, email: str = "", *, primary: bool = True) -> EmailAddress:
    """Give an address whose mailed code was entered."""
    row, _made = EmailAddress.objects.get_or_create(
        user=someone, email=email or someone.email, verified=True, primary=primary
    )
    return row


def borrowed(someone: User) -> Client:
    """A log-in of before, in the hands of somebody who knows no password."""
    with_address(someone)
    client = Client()
    client.force_login(someone, backend=BACKEND)
    return client


def freshly(someone: User, code: str = "") -> Client:
    """A browser whose person has given the password once more, and the code if there is one."""
    client = borrowed(someone)
    sent = {"password": PASSWORD, "code": code} if code else {"password": PASSWORD}
    client.post(REAUTHENTICATE, sent)
    return client


def code_now(secret: str = SECRET, later_s: int = 0) -> str:
    """What an authenticator app shows."""
    counter = int(timezone.now().timestamp() + later_s) // 30
    return str(format_hotp_value(hotp_value(secret, counter)))


def recovery_codes_of(someone: User) -> list[str]:
    codes: list[str] = RecoveryCodes.activate(someone).get_unused_codes()
    return codes


def is_asked(answer: object) -> bool:
    """True for an answer that leads to the page that asks who it is."""
    where = str(getattr(answer, "headers", {}).get("Location", ""))
    return where.startswith((REAUTHENTICATE, "/account/2fa/", "/account/2fa/webauthn/"))
