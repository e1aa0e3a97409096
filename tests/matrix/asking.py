"""One request as one viewer, undone afterwards, and its answer as a letter of the table."""

from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import User
from spaces.services import signed_urls
from tests.matrix.table import Row
from tests.matrix.world import VIEWERS, World

SIGNED = ("spaces:replay_file", "spaces:clip_file")  # Their addresses are made for one viewer.


def answers(row: Row, world: World) -> str:
    """Return the row's nine letters as they really are."""
    return "".join(letter(ask(row, world, viewer)) for viewer in VIEWERS)


def ask(row: Row, world: World, viewer: str) -> HttpResponseBase:
    things, client = world.things[viewer], world.clients[viewer]
    # A failed request may leave the transaction unusable; its own savepoint takes that along.
    with transaction.atomic():
        answer = _send(client, row, address(row, things, viewer), filled(row.body, things))
        # Not answer.close(): it ends the request, and with it the database connection of the test.
        for close in vars(answer)["_resource_closers"]:
            close()
        transaction.set_rollback(True)
    return answer


def address(row: Row, things: dict[str, object], viewer: str) -> str:
    args = {
        name: value[1:] if value.startswith("=") else things[value]
        for name, value in row.args.items()
    }
    path = _path_of(row.route, args)
    if row.route in SIGNED:
        return signed_urls.sign(path, User.objects.filter(handle=viewer, is_active=True).first())
    return path


def _path_of(route: str, args: dict[str, object]) -> str:
    """A route without a name is its pattern, with the arguments in their places."""
    if "<" not in route and "/" not in route and "." not in route:
        return reverse(route, kwargs=args)
    for name, value in args.items():
        route = route.replace(f"<slug:{name}>", str(value)).replace(f"<str:{name}>", str(value))
    return f"/{route}"


def filled(body: dict[str, object], things: dict[str, object]) -> dict[str, object]:
    return {
        name: things[value[1:]] if isinstance(value, str) and value.startswith("$") else value
        for name, value in body.items()
    }


def _send(client: Client, row: Row, path: str, body: dict[str, object]) -> HttpResponseBase:
    send = getattr(client, row.method)
    if row.method == "get":
        answer: HttpResponseBase = send(path, body)
    elif path.startswith("/api/"):
        answer = send(path, body, content_type="application/json")
    else:
        answer = send(path, body)
    return answer


def letter(answer: HttpResponseBase) -> str:
    to = urlsplit(answer.headers.get("Location", "")).path
    if answer.status_code == 401 or (
        answer.status_code == 302 and to in (reverse("account_login"), ADMIN_DOOR)
    ):
        return "l"
    return _LETTERS.get(answer.status_code, "o" if answer.status_code < 400 else "?")


ADMIN_DOOR = reverse("admin:login")  # Leads on to the log-in, and who is no staff nowhere.
_LETTERS = {403: "n", 404: "g", 400: "b", 405: "b", 409: "b", 415: "b", 422: "b"}
