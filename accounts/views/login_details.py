"""What a user logs in with, on allauth's pages: words that were typed before a fresh log-in was
asked for stand in their forms again.
"""

from typing import Any

from allauth.account.views import ConfirmEmailVerificationCodeView, EmailView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpRequest

from accounts import reauthentication


class KeptWords:
    """Of a view with a form."""

    request: HttpRequest

    def get_initial(self) -> dict[str, Any]:  # Any: Django's.
        initial: dict[str, Any] = super().get_initial()  # type: ignore[misc]  # Of the view.
        return initial | reauthentication.kept_words(self.request)


# misc: allauth has no types.
class AddressesView(KeptWords, EmailView):  # type: ignore[misc]
    pass


class ConfirmAddressView(KeptWords, ConfirmEmailVerificationCodeView):  # type: ignore[misc]
    pass


class AddPasskeyView(KeptWords, AddWebAuthnView):  # type: ignore[misc]
    pass
