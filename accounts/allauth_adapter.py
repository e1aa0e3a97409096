"""What Parley wants differently from allauth: which handles nobody may take, and where a log-in
leads.
"""

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import account_deletion

LEAVING_KEY = "accounts_leaving"  # Who logged in while their account waits to be deleted.

# Names that would pass for the house itself. Handles have no place in addresses without "@", so
# routes need no guard.
RESERVED = frozenset(
    {
        "admin",
        "administrator",
        "moderator",
        "moderators",
        "staff",
        "support",
        "help",
        "parley",
        "root",
        "system",
    }
    | {"security", "abuse", "postmaster", "webmaster", "info", "official", "everyone", "here"}
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
        """Ask whoever is leaving whether to stay: they have just proved who they are."""
        if account_deletion.may_come_back(user):
            request.session[LEAVING_KEY] = user.pk
            return redirect("accounts:come_back")
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer
