"""People for tests."""

from django.test import Client

from accounts.models import Follow, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PASSWORD = "parley-demo"


def person(handle: str, **fields: object) -> User:
    return User.objects.create_user(handle, f"{handle}@people.example", PASSWORD, **fields)


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
