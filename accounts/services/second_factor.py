"""What a login without the site's pages must prove besides the password."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts.models import User


def is_satisfied(user: User, code: str) -> bool:
    """True without a second factor, or if `code` is one of the user's app or a recovery code.

    A passkey cannot be asked for here; a user who has nothing else logs in on the site. A right
    code is used up.
    """
    factors = list(Authenticator.objects.filter(user=user))
    if not factors:
        return True
    typed = [factor for factor in factors if factor.type != Authenticator.Type.WEBAUTHN]
    return bool(code) and any(factor.wrap().validate_code(code) for factor in typed)


def has_unverified_address(user: User) -> bool:
    """True for a sign-up whose mailed code was never entered."""
    verified = EmailAddress.objects.filter(user=user).values_list("verified", flat=True)
    return bool(verified) and not any(verified)
