"""Every address of the site with bytes that are no text, no JSON, no number: each is refused with a
code, and none is a fault of ours.

The rows of tests/matrix are every address with a body that is good; here one part of it is not.
"""

import itertools
import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from config.http import rate_limits
from tests.matrix import asking, world
from tests.matrix.table import ROWS, Row
from tests.matrix.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(280)]
WRITING = ("post", "put", "patch")
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

# All code points: half surrogate pairs, NUL, unassigned ones.
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
WORDS = ["\0", "a\0b", "\ud83d", "9" * 30, "-1", "1e999", "٣", "\U0010ffff", "%00", "x" * 3000]
VALUES = st.recursive(
    st.one_of(
        *(TEXT, st.sampled_from(WORDS), st.integers(), st.floats(), st.booleans(), st.none())
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NO_JSON = [
    *(b"", b"\xff\xfe", b'"\xed\xa0\x80"', b"null", b"[]", b'"text"', b"1e999", b"9" * 5000),
    *(b'{"a": "\\ud83d"}', b"[" * 90_000, b'{"a":' * 90_000, b'{"a": 1, "a": 2}', b'{"id": NaN}'),
]
QUERIES = ["%00", "a%00b", "%ED%A0%80", "%ff", "9" * 40, "-1", "%F0%9F%98", "1e999", "[", "x" * 999]
NAMES = [*("q", "after", "before", "page", "limit", "cursor", "tab", "state", "topic", "language")]
EXAMPLES = int(os.environ.get("DOOR_EXAMPLES", "2"))  # Of each field; more to look further.


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(rate_limits, "hit", lambda name, who: True)
    monkeypatch.setattr(rate_limits, "hit_in_room", lambda kind, *who: True)
    everybody = world.make()
    for client in everybody.clients.values():
        client.raise_request_exception = False  # A fault is an answer too.
    yield everybody


def send(
    everybody: World, row: Row, body: bytes, content_type: str, query: str = ""
) -> HttpResponseBase:
    """Ask as the author; what was done is undone."""
    path = asking.address(row, everybody.things["author"], "author")
    client: Client = everybody.clients["author"]
    with transaction.atomic():
        answer = client.generic(
            row.method.upper(), f"{path}?{query}" if query else path, body, content_type
        )
        for close in vars(answer)["_resource_closers"]:
            close()
        transaction.set_rollback(True)
    return answer


def fault(row: Row, body: object, answer: HttpResponseBase) -> str:
    """Return what is wrong with the answer, or nothing."""
    what = f"{row.method} {row.route} {str(body)[:60]!r}: {answer.status_code}"
    if answer.status_code >= 500:
        return what
    if row.route.startswith("api-") and answer.status_code >= 400:
        said = json.loads(getattr(answer, "content", b"{}"))
        return "" if said.get("code") and said.get("message") else f"{what} {said}"
    return ""


def rows(*methods: str, api: bool) -> list[Row]:
    return [
        row
        for row in ROWS
        # `readyz` looks at more than tests have.
        if row.method in methods and row.route.startswith("api-") is api and "?" not in row.who
    ]


def examples_of(strategy: st.SearchStrategy[Any], number: int) -> list[Any]:  # Any: JSON.
    """Return the same examples in each run: one test asks every address with some of its own."""
    found: list[Any] = []

    @seed(2026)
    @settings(
        max_examples=number,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(strategy)
    def take(value: Any) -> None:
        found.append(value)

    take()
    return found


def test_it_answers_the_log_in_of_the_api_with_400(everybody: World) -> None:
    row = next(row for row in ROWS if (row.route, row.method) == ("api-token", "post"))
    surrogate = b'{"handle":"\\ud83d","password":"x"}'
    codes = [send(everybody, row, body, JSON).status_code for body in (surrogate, *NO_JSON)]
    assert set(codes) == {400}


def test_it_answers_bad_json_at_every_address_of_the_api_with_a_code(everybody: World) -> None:
    bodies = itertools.cycle(NO_JSON)
    faults = [
        fault(row, body, send(everybody, row, body, JSON))
        for row in rows(*WRITING, api=True)
        for body in itertools.islice(bodies, 2)
    ]
    assert [one for one in faults if one] == []


def test_it_answers_any_value_in_any_field_of_the_api(everybody: World) -> None:
    values = itertools.cycle(examples_of(VALUES, 100))
    faults = []
    for row in rows(*WRITING, api=True):
        good = asking.filled(row.body, everybody.things["author"])
        for name in good or ["text"]:
            for value in itertools.islice(values, EXAMPLES):
                body = json.dumps({**good, name: value})
                faults.append(fault(row, body, send(everybody, row, body.encode(), JSON)))
    assert [one for one in faults if one] == []


def test_it_answers_any_words_in_any_form(everybody: World) -> None:
    words = itertools.cycle([*WORDS, *examples_of(TEXT, 20)])
    faults = []
    for row in rows(*WRITING, api=False):
        good = {**asking.filled(row.body, everybody.things["author"]), "next": "/"}
        for name in good:
            for word in itertools.islice(words, EXAMPLES):
                body = "&".join(
                    f"{key}={quote(str(value).encode(errors='surrogatepass'))}"
                    for key, value in {**good, name: word}.items()
                )
                faults.append(fault(row, body, send(everybody, row, body.encode(), FORM)))
    assert [one for one in faults if one] == []


@pytest.mark.parametrize("api", [True, False])
def test_it_answers_any_query(everybody: World, api: bool) -> None:
    values = itertools.cycle(QUERIES)
    faults = []
    for row in rows("get", api=api):
        query = "&".join(f"{name}={value}" for name, value in zip(NAMES, values, strict=False))
        next(values)  # Each address begins with another.
        faults.append(fault(row, query, send(everybody, row, b"", FORM, query)))
    assert [one for one in faults if one] == []
