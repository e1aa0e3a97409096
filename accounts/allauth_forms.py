"""allauth's forms in the words of this site; labels stand above the fields, not inside them."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django.utils.translation import gettext_lazy as _


class LoginForm(AllauthLoginForm):  # type: ignore[misc]  # allauth has no types.
    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: passed through to allauth.
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Handle or e-mail")
        self.fields["remember"].label = _("Stay logged in on this device")
        self.fields["remember"].initial = True
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


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
