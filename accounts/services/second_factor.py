"""The second factor of an account: whether it has one, and whether a code is of it."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts.models import User
from accounts.services import guesses


def types_of(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))


def takes_codes(user: User) -> bool:
    """True with an app or recovery codes. A passkey has no code."""
    return bool(types_of(user) - {Authenticator.Type.WEBAUTHN.value})


def find(user: User, code: str) -> Authenticator | None:
    """Return the app, or the recovery codes, that `code` is of; the code is used up.

    Pages and API count wrong ones together. Raises TooManyGuesses.
    """
    who = f"user:{user.pk}"
    guesses.count("code", who)
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    for row in rows:
        if row.wrap().validate_code(code):
            guesses.forget("code", who)
            row.user = user
            return row
    return None


def is_satisfied(user: User, code: str) -> bool:
    """True without a second factor, or if `code` is of it. Raises TooManyGuesses.

    A passkey cannot be asked for here; a user who has nothing else logs in on the site.
    """
    if not types_of(user):
        return True
    if not code:
        return False
    found = find(user, code)
    if found is not None:
        found.record_usage()
    return found is not None


def has_unverified_address(user: User) -> bool:
    """True for a sign-up whose mailed code was never entered."""
    verified = EmailAddress.objects.filter(user=user).values_list("verified", flat=True)
    return bool(verified) and not any(verified)
