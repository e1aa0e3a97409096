"""Where this site differs from allauth: reserved handles, and users who are deleting themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.services import account_deletion, handles, login_names
from config.http import client_address

# Of the session: the id of the deletion whose user has just proved who they are.
LEAVING_KEY = "accounts_proved_for_deletion"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types.
    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Return the handle as typed, without a leading "@".

        Raises ValidationError if it is reserved, resting, bad or taken.
        """
        handle = username.removeprefix("@")
        handles.check_for_sign_up(handle)
        cleaned: str = super().clean_username(handle, shallow=shallow)
        return cleaned

    def get_client_ip(self, request: HttpRequest) -> str:
        """Allauth's own fails where a proxy left out an entry."""
        return client_address.of_request(request) or super().get_client_ip(request)

    # Any: passed through to allauth.
    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by account, whichever of its names was typed."""
        name = credentials.get("email") or credentials.get("username", "")
        who = login_names.counted_as(name)
        key: str = super()._get_login_attempts_cache_key(request, username=who)
        return key

    # Any: passed through to allauth.
    def pre_login(self, request: HttpRequest, user: User, **login: Any) -> HttpResponse | None:
        """Let a user who may come back go through all steps of a log-in; `login` is the last."""
        if user.is_away and account_deletion.may_come_back(user):
            return None
        answer: HttpResponse | None = super().pre_login(request, user, **login)
        return answer

    def login(self, request: HttpRequest, user: User) -> None:
        """Called after the last step: password, mailed code, second factor.

        Whoever is away now, perhaps only since the password was typed, is not logged in.
        """
        if user.is_away:
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Ask a user who is deleting the account whether to keep it.

        They have just proved who they are, although they are not logged in.
        """
        if deletion := account_deletion.may_come_back(user):
            # Not the user: a proof is for this deletion, not for one that is asked for later.
            request.session[LEAVING_KEY] = deletion.pk
            return redirect("accounts:come_back")
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer
