"""Every operation of the REST API, with generated input and a real token: no answer that the schema
does not describe.

The seed is fixed and the examples are few, so that the run is the same each time and short. To look
further:

    SCHEMATHESIS_EXAMPLES=200 pytest tests/test_api_contract.py
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from knox.models import AuthToken
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from config.http import rate_limits
from posts.models import Fleet
from posts.services import fleets, messaging, posting
from tests.accounts.people import make_follow, person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(280)]
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def caller() -> User:
    """Somebody in a small world: ids from 1 upwards name things that are there."""
    caller, friend = person("caller"), person("friend")
    make_follow(caller, friend)
    make_follow(friend, caller)
    for author in (caller, friend):
        post = posting.publish(author, "Hello #world")
        posting.publish(author, "And more", reply_to=post)
        fleets.publish(author, "Good morning", None, Fleet.Audience.PUBLIC)
    messaging.send(friend, caller, "Are you there?")
    return caller


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each example would else be the same 429; that one has tests of its own."""
    monkeypatch.setattr(rate_limits, "hit", lambda name, who: True)
    yield


def operations() -> dict[str, Any]:  # Any: schemathesis names no type for them.
    """Return every operation by its method and path; a new route is in it by itself."""
    generator: Any = SchemaGenerator  # Untyped.
    raw = json.loads(json.dumps(generator().get_schema(public=True), default=str))
    schema: Any = schemathesis.openapi.from_dict(raw)
    schema.app = get_wsgi_application()
    return {one.ok().label: one.ok() for one in schema.get_all_operations()}


OPERATIONS = operations()


@pytest.mark.parametrize("label", OPERATIONS)
def test_it_answers_nothing_that_is_not_described(label: str, caller: User) -> None:
    @seed(2026)
    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(
        case=st.one_of(
            *(OPERATIONS[label].as_strategy(generation_mode=mode) for mode in GenerationMode)
        )
    )
    def ask(case: Any) -> None:  # Any: as above.
        # Anew: the example before may have logged it out.
        _row, token = AuthToken.objects.create(user=caller)
        # Plain: what reads the answers for schemathesis undoes no compression.
        headers = {"Authorization": f"Token {token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()
