"""allauth's forms in the words of this site; labels stand above the fields, not inside them."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import guesses, login_names, second_factor
from config.http.text_fields import LineField

CODE_CHARS = 32
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


def authenticator_of(user: User, code: str) -> Authenticator:
    """Return what `code` is of. Raises ValidationError with a sentence."""
    try:
        found = second_factor.find(user, code)
    except guesses.TooManyGuesses as error:
        raise get_adapter().validation_error("too_many_login_attempts") from error
    if found is None:
        raise get_mfa_adapter().validation_error("incorrect_code")
    return found


class AuthenticateForm(mfa.AuthenticateForm):  # type: ignore[misc]  # allauth has no types.
    """Second step of a log-in. Its codes are counted with those of the API."""

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        self.authenticator = authenticator_of(self.user, code)
        return code


class CodeAloneForm(mfa.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types.
    """A fresh log-in of an account without a password."""

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        self.authenticator = authenticator_of(self.user, code)
        return code


class ReauthenticateForm(account.ReauthenticateForm):  # type: ignore[misc]  # allauth has no types.
    """A fresh log-in: the password, and a code if the account has a second factor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed through to allauth.
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs.pop("placeholder", None)
        if second_factor.takes_codes(self.user):
            self.fields["code"] = forms.CharField(
                label=_("Code"),
                max_length=CODE_CHARS,
                widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
                help_text=_("Of your authenticator app, or one of your recovery codes."),
            )

    # Any: Django's.
    def clean(self) -> dict[str, Any]:
        """Look at the code when the password is right: a right code is used up."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "password" in cleaned and "code" in cleaned:
            try:
                authenticator_of(self.user, cleaned["code"]).record_usage()
            except forms.ValidationError as error:
                self.add_error("code", error)
        return cleaned


class AddWebAuthnForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types.
    # Not required: without one allauth numbers the keys.
    name = LineField(max_length=KEY_NAME_CHARS, required=False)


class EditWebAuthnForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types.
    name = LineField(max_length=KEY_NAME_CHARS)
