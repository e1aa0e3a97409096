"""The login of a socket, and whether it still holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from asgiref.typing import WebSocketScope
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import User
from accounts.services import staff_logins


@dataclass(frozen=True)
class Login:
    """One login as a socket holds it.

    `user` None is a visitor. `password` is the stored hash, to notice a change. `proof` is what the
    powers of staff need beside the role; None without a second factor, and with a token.
    """

    user: int | None = None
    language: str = ""
    session: str = ""
    token: str = ""
    password: str = ""
    proof: staff_logins.FactorProof | None = None


VISITOR = Login()


class Refused(Exception):
    """Not even a visitor: a foreign page, or a token that is none.

    The handshake is answered with 403.
    """


def identify(scope: WebSocketScope) -> Login:
    """Return the login of a new socket. Raises Refused. Asks the database."""
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    authorization = headers.get(b"authorization", "")
    if authorization:
        # No page can make a browser send this header with a WebSocket, so programs need no Origin.
        word, _, token = authorization.partition(" ")
        # Our tokens are letters and digits; knox asks the database for any text.
        if word != "Token" or not token.strip().isalnum():
            raise Refused("Unknown kind of authorization.")
        try:
            user, row = TokenAuthentication().authenticate_credentials(token.strip().encode())
        except AuthenticationFailed as error:
            raise Refused("This token is not good.") from error
        return Login(user.pk, user.language, token=row.digest, password=user.password)
    # A browser says where the page is from, and pages of others must not act with our cookies (RFC
    # 6455 §10.2).
    if headers.get(b"origin") not in settings.CSRF_TRUSTED_ORIGINS:
        raise Refused("This page is not from here.")
    return _by_session(headers.get(b"cookie", ""))


def _by_session(cookies: str) -> Login:
    """Return the login of a browser; a visitor's for a cookie that is none or has run out."""
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return VISITOR
    # Django's keys are letters and digits, and a quoted cookie can hold NUL.
    if morsel is None or not morsel.value.isalnum():
        return VISITOR
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    # Django's own check also compares the session's hash with the password of now.
    user = get_user(request)
    if not isinstance(user, User) or user.is_away:
        return VISITOR
    proof = staff_logins.proof_of(user, request.session)
    return Login(
        user.pk,
        user.language,
        session=morsel.value,
        password=user.password,
        proof=proof if proof is not None and staff_logins.holding([proof]) else None,
    )


def ended_among(logins: Iterable[Login]) -> set[Login]:
    """Return those of `logins` that hold no more: logged out, suspended, deleted, password changed,
    token revoked.
    """
    # A visitor has nothing that could end.
    logins = [login for login in logins if login.user is not None]
    users = {login.user for login in logins}
    passwords = dict(User.objects.not_away().filter(pk__in=users).values_list("pk", "password"))
    # For an empty set of keys Django asks the database nothing.
    keys = {login.session for login in logins if login.session}
    now = timezone.now()
    living = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    sessions = set(living.values_list("session_key", flat=True))
    digests = {login.token for login in logins if login.token}
    rows = AuthToken.objects.filter(digest__in=digests).values_list("digest", "expiry")
    # A knox token without an expiry is good until it is revoked.
    tokens = {digest for digest, expiry in rows if expiry is None or expiry > now}
    return {
        login
        for login in logins
        # Users who are away have no password in `passwords`, so theirs differs too.
        if passwords.get(login.user or 0) != login.password
        or (login.session and login.session not in sessions)
        or (login.token and login.token not in tokens)
    }


def without_factor_among(logins: Iterable[Login]) -> set[Login]:
    """Return those of `logins` whose second factor was taken from the account since."""
    proofs = {login.proof for login in logins if login.proof is not None}
    gone = proofs - staff_logins.holding(proofs)
    return {login for login in logins if login.proof in gone}
