"""Where this site differs from allauth: reserved handles, and users who are deleting themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import account_deletion

# Of the session: the id of a user who logged in while the account waits to be deleted.
LEAVING_KEY = "accounts_leaving"

# Handles that would pass for the site itself. Addresses hold handles only after an "@", so routes
# need no guard.
RESERVED = frozenset(
    {
        "abuse",
        "admin",
        "administrator",
        "everyone",
        "help",
        "here",
        "info",
        "moderator",
        "moderators",
        "official",
        "parley",
        "postmaster",
        "root",
        "security",
        "staff",
        "support",
        "system",
        "webmaster",
    }
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types.
    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Return the handle as typed, without a leading "@".

        Raises ValidationError if it is reserved, bad or taken.
        """
        handle = username.removeprefix("@")
        if handle.lower() in RESERVED:
            raise ValidationError(_("This handle is taken."), code="reserved")
        cleaned: str = super().clean_username(handle, shallow=shallow)
        return cleaned

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Ask a user who is deleting the account whether to keep it.

        They have just proved who they are, although they are not logged in.
        """
        if account_deletion.may_come_back(user):
            request.session[LEAVING_KEY] = user.pk
            return redirect("accounts:come_back")
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer
