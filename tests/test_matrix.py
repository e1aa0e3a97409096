"""The matrix: every page, API action and file, as each of nine viewers; tests/matrix/table.py says
the right answers.

A new route without a row fails here. To write one: add the row with nine question marks and read
what it answers.
"""

import pytest
from django.urls import NoReverseMatch, reverse

from config.http import rate_limits
from tests.matrix import asking, world
from tests.matrix.routes import Route, routes
from tests.matrix.table import ROWS, Row
from tests.matrix.world import VIEWERS, World

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]
AREAS = ("account", "posts:", "spaces:", "api-", "")
ADMIN = "admin"
INSIDE = VIEWERS.index("staff")


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(rate_limits, "hit", lambda name, who: True)  # Nobody is to be told to wait.
    everybody = world.make()
    for client in everybody.clients.values():
        client.raise_request_exception = False  # A fault is an answer too: "?".
    return everybody


def is_admin(route: Route) -> bool:
    return route.name.startswith((f"{ADMIN}:", f"{ADMIN}/"))


def test_every_route_has_a_row() -> None:
    have = {(row.route, row.method) for row in ROWS}
    named = {row.route for row in ROWS}
    missing = [
        f"{route.name} {method}".strip()
        for route in routes()
        if not is_admin(route)
        for method in (route.methods or ("",))
        if (route.name, method) not in have and (method or route.name not in named)
    ]
    assert missing == []


def test_no_row_is_about_a_route_that_is_gone() -> None:
    assert {row.route for row in ROWS} - {route.name for route in routes()} == set()


def area_of(row: Row) -> str:
    return next(area for area in AREAS if row.route.startswith(area))


@pytest.mark.parametrize("area", AREAS)
def test_each_viewer_gets_the_right_answer(area: str, everybody: World) -> None:
    wrong = []
    for row in ROWS:
        if area_of(row) == area:
            found = asking.answers(row, everybody)
            if found != row.who:
                wrong.append(f"{row.method} {row.route} {row.args}: {found} and not {row.who}")
    assert wrong == []


def test_the_administration_is_for_staff_alone(everybody: World) -> None:
    """Also every page that a package or a new model adds to it."""
    wrong = []
    for route in filter(is_admin, routes()):
        path = admin_path(route)
        found = "".join(asking.letter(everybody.clients[viewer].get(path)) for viewer in VIEWERS)
        is_door = route.name in {"admin:login", "admin:logout", "admin:jsi18n"}
        if not is_door and (set(found[:INSIDE]) - set("ln") or found[INSIDE] == "?"):
            wrong.append(f"{route.name} {path}: {found}")
    assert wrong == []


def admin_path(route: Route) -> str:
    """Return the route's address with arguments that fit: the first row of any table."""
    if not route.name.startswith(f"{ADMIN}:"):
        return "/" + route.name.replace("<path:object_id>", "1").replace("(?P<url>.*)$", "nothing/")
    for args in ((), ("1",), ("accounts",), ("1", "1"), ("1", "x")):
        try:
            return reverse(route.name, args=args)
        except NoReverseMatch:
            continue
    raise AssertionError(f"{route.name} takes arguments that this test does not know.")
