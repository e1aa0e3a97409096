"""allauth's forms in the words of this site; labels stand above the fields, not inside them."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

from accounts.services import login_names
from config.http.text_fields import LineField

KEY_NAME_CHARS = 100  # A person tells their keys apart by these names.


class LoginForm(AllauthLoginForm):  # type: ignore[misc]  # allauth has no types.
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed through to allauth.
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Handle or e-mail")
        self.fields["remember"].label = _("Stay logged in on this device")
        self.fields["remember"].initial = True
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def clean_login(self) -> str:
        return login_names.cleaned(self.cleaned_data["login"])


class SignupForm(AllauthSignupForm):  # type: ignore[misc]  # allauth has no types.
    """Built on accounts.forms.SignupFields, which adds the name and the time zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed through to allauth.
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Handle")
        self.fields["username"].help_text = _(
            "2 to 30 letters, digits and _. People find you with it."
        )
        self.fields["email"].label = _("E-mail")
        self.fields["email"].help_text = _("We send a code there. Nobody else sees it.")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class AddWebAuthnForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types.
    # Not required: without one allauth numbers the keys.
    name = LineField(max_length=KEY_NAME_CHARS, required=False)


class EditWebAuthnForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types.
    name = LineField(max_length=KEY_NAME_CHARS)
