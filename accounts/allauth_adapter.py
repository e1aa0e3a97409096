"""Where this site differs from allauth: reserved handles, how guesses are counted, what a fresh
log-in asks for, and users who are deleting themselves.
"""

from contextlib import nullcontext
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.locale import in_locale_of
from accounts.models import User
from accounts.services import (
    account_deletion,
    guesses,
    handles,
    login_names,
    second_factor,
    security_letters,
)
from config.http import client_address, rate_limits

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
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a password by account; allauth's own then counts wrong ones by network."""
        try:
            guesses.count("password", _counted_as(credentials))
        except guesses.TooManyGuesses as error:
            raise self.validation_error("too_many_login_attempts") from error
        super().pre_authenticate(request, **credentials)

    # Any: passed through to allauth.
    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return whose password it is, also if they are suspended. Raises ValidationError."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            guesses.forget("password", _counted_as(credentials))
        return user

    # Any: passed through to allauth.
    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Called when a new password was set by a mailed link."""
        guesses.forget("password", _counted_as(credentials))

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Return the pages that ask for a fresh log-in, the usual one first.

        A password alone is none where there is a second factor, nor is a code alone.
        """
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        types = second_factor.types_of(user) if isinstance(user, User) else set()
        has_password = any(method["id"] == "reauthenticate" for method in methods)
        if not types or not has_password:
            return methods
        kept = {method["id"]: method for method in methods if method["id"] != "mfa_reauthenticate"}
        if passkey := kept.get("mfa_reauthenticate:webauthn"):
            passkey["description"] = _("Use a passkey")
        if types == {Authenticator.Type.WEBAUTHN.value}:
            del kept["reauthenticate"]
        else:
            kept["reauthenticate"]["description"] = _("Use your password and a code")
        if Authenticator.Type.TOTP.value in types:
            return list(kept.values())
        # Who has no app has a passkey at hand, and recovery codes for when it is lost.
        return sorted(kept.values(), key=lambda method: bool(method["id"] == "reauthenticate"))

    # Any: passed through to allauth.
    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Write of new recovery codes, which no row tells from the first ones.

        `security_letters` sees all else that allauth would write of where the rows change.
        """
        if template_prefix == "mfa/email/recovery_codes_generated":
            security_letters.write(user, security_letters.Kind.RECOVERY_CODES)

    # Any: as allauth passes it.
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a code or a link. Raises ImmediateHttpResponse with a 429."""
        self._count_letter(email)
        self._send_letter(template_prefix, email, context)

    # Any: as allauth passes it.
    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Counted by account too, silently: who asks must not learn which addresses are one's."""
        # First, as for an address that nobody has.
        self._count_letter(email)
        if rate_limits.hit("reset", f"user:{user.pk}"):
            self._send_letter("account/email/password_reset_key", email, context)

    def _count_letter(self, email: str) -> None:
        """Count by the address that gets it, known or not, and by who asks."""
        for name, who in (
            ("letter", f"to:{email.lower()}"),
            ("letters", rate_limits.who_asks(self.request)),
        ):
            if not rate_limits.hit(name, who):
                raise ImmediateHttpResponse(rate_limits.refusal(self.request, name, who))

    # Any: as allauth passes it.
    def _send_letter(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of whose account it is about, not of who asks."""
        person = context.get("user")
        with in_locale_of(person) if isinstance(person, User) else nullcontext():
            super().send_mail(template_prefix, email, context)

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


# Any: as allauth passes them.
def _counted_as(credentials: dict[str, Any]) -> str:
    """Whichever of an account's names was typed."""
    return login_names.counted_as(credentials.get("email") or credentials.get("username", ""))
