"""The API's description is for strangers too, so it is made once and asked for so often."""

import pytest
from django.test import Client
from limits import parse

from config.http import rate_limits
from config.rest import schema_view
from tests.accounts.people import browser_of, person

pytestmark = pytest.mark.django_db
SCHEMA = "/api/v1/schema/"
JSON = "application/vnd.oai.openapi+json"


def test_it_makes_the_description_once_for_everybody() -> None:
    schema_view._body.cache_clear()
    first = Client().get(SCHEMA, headers={"accept": JSON})
    again = browser_of(person("maya")).get(SCHEMA, headers={"accept": JSON})
    assert first.json()["openapi"].startswith("3.1")
    assert first.content == again.content
    info = schema_view._body.cache_info()
    assert (info.misses, info.hits) == (1, 1)
    assert first["Cache-Control"] == f"private, max-age={schema_view.MAX_AGE_S}"
    assert {"Accept", "Cookie"} <= set(first["Vary"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    "query", ["lang=xx", "lang=../../etc", "version=7", "version=%0d%0aX: y", "lang=en", "a=b"]
)
def test_it_makes_no_other_for_what_a_stranger_adds(query: str) -> None:
    plain = Client().get(SCHEMA, headers={"accept": JSON})
    before = schema_view._body.cache_info().misses
    answer = Client().get(f"{SCHEMA}?{query}", headers={"accept": JSON})
    assert (answer.status_code, answer.content) == (200, plain.content)
    assert schema_view._body.cache_info().misses == before


@pytest.mark.parametrize(
    ("accept", "sign"),
    [
        ("application/vnd.oai.openapi", b"openapi: 3.1"),
        ("application/yaml", b"openapi: 3.1"),
        ("*/*", b"openapi: 3.1"),
        ("application/json", b'{\n    "openapi": "3.1'),
        (JSON, b'{\n    "openapi": "3.1'),
    ],
)
def test_it_is_written_as_asked(accept: str, sign: bytes) -> None:
    answer = Client().get(SCHEMA, headers={"accept": accept})
    assert answer.content.startswith(sign)
    if accept != "*/*":
        assert answer["Content-Type"].startswith(accept)


def test_it_counts_how_often_an_address_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        rate_limits, "RATES", {**rate_limits.RATES, "schema": parse("2 per minute")}
    )
    client = Client()
    assert [client.get(SCHEMA).status_code for _ in range(2)] == [200, 200]
    answer = client.get(SCHEMA, headers={"accept": JSON})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
