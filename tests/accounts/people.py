"""People for tests."""

from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import Follow, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "parley-demo"


def person(handle: str, **fields: object) -> User:
    return User.objects.create_user(handle, f"{handle}@people.example", PASSWORD, **fields)


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
        client.force_login(someone, backend=BACKEND)
    return client


HTMX = {"HX-Request": "true"}
BOOSTED = {"HX-Request": "true", "HX-Boosted": "true"}
