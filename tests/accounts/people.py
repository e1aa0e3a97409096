"""People for tests."""

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest
from django.test import Client

from accounts.models import Follow, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "parley-demo"


def person(handle: str, **fields: object) -> User:
    """Return a new account; staff as a log-in of theirs with a second factor has them."""
    someone = User.objects.create_user(handle, f"{handle}@people.example", PASSWORD, **fields)
    someone.acts_as_staff = someone.is_staff
    return someone


def staff_member(handle: str = "staff1", **fields: object) -> User:
    """Return an administrator with a second factor, as the staff's pages ask for."""
    someone = person(handle, is_staff=True, is_superuser=True, **fields)
    add_second_factor(someone)
    return someone


def add_second_factor(someone: User) -> None:
    Authenticator.objects.create(
        user=someone, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"}
    )


def make_follow(follower: User, *followed: User) -> None:
    for one in followed:
        Follow.objects.create(follower=follower, followed=one)


def browser_of(someone: User | None) -> Client:
    """A client as a browser of `someone`; None is a visitor."""
    client = Client()
    if someone:
        let_in(client, someone)
    return client


def let_in(client: Client, someone: User) -> None:
    """Log in without the pages: past the second factor, as each log-in of an account with one."""
    client.force_login(someone, backend=BACKEND)
    factor = Authenticator.objects.filter(user=someone, type=Authenticator.Type.TOTP).first()
    if factor is None:
        return
    request = HttpRequest()
    request.session = client.session
    record_authentication(request, someone, "mfa", id=factor.pk, type=factor.type)
    request.session.save()


HTMX = {"HX-Request": "true"}
BOOSTED = {"HX-Request": "true", "HX-Boosted": "true"}
