"""What `manage.py check` says about a site that would run badly."""

import time

import pytest
import redis
from django.core.checks import CheckMessage
from pytest_django import Settings

from config.monitoring import checks
from media_relay.protocol.relay import NODES_KEY


def ids(messages: list[CheckMessage]) -> list[str | None]:
    return [message.id for message in messages]


@pytest.mark.parametrize("key", ["short", "a" * 80])
def test_it_refuses_a_weak_key_in_production(settings: Settings, key: str) -> None:
    settings.PRODUCTION, settings.SECRET_KEY = True, key
    assert ids(checks.check_secret_key(None)) == ["parley.E001"]


def test_it_accepts_a_generated_key_and_any_in_development(settings: Settings) -> None:
    settings.SECRET_KEY = "short"
    assert checks.check_secret_key(None) == []
    settings.PRODUCTION, settings.SECRET_KEY = True, "0123456789abcdef" * 4
    assert checks.check_secret_key(None) == []


@pytest.mark.parametrize(
    ("production", "demo", "found"),
    [(True, True, ["parley.E002"]), (False, True, []), (True, False, [])],
)
def test_it_refuses_the_demo_in_production(
    settings: Settings, production: bool, demo: bool, found: list[str]
) -> None:
    settings.PRODUCTION, settings.DEMO = production, demo
    assert ids(checks.check_demo_is_off(None)) == found


@pytest.mark.parametrize(
    ("origin", "found"),
    [("http://parley.example", ["parley.E003"]), ("https://parley.example", [])],
)
def test_it_refuses_plain_http_in_production(
    settings: Settings, origin: str, found: list[str]
) -> None:
    settings.PRODUCTION, settings.CSRF_TRUSTED_ORIGINS = True, [origin]
    assert ids(checks.check_origins(None)) == found


@pytest.mark.parametrize(
    ("urls", "secret", "found"),
    [
        ([], "", []),
        (["turns:turn.example:443?transport=tcp"], "north", []),
        (["turns:turn.example:443?transport=tcp"], "", ["parley.E005"]),
        (["turn.example"], "north", ["parley.E004"]),
    ],
)
def test_it_refuses_turn_servers_no_browser_could_use(
    settings: Settings, urls: list[str], secret: str, found: list[str]
) -> None:
    settings.TURN_URLS, settings.TURN_SECRET = urls, secret
    assert ids(checks.check_turn(None)) == found


def test_it_asks_no_service_unless_told_to() -> None:
    assert checks.check_services(None) == []


def test_it_misses_a_relay(own_redis: redis.Redis) -> None:
    assert ids(checks.check_services(None, databases=["default"])) == ["parley.W011"]
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    assert checks.check_services(None, databases=["default"]) == []


def test_it_misses_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = redis.Redis.from_url("unix:///no/such/socket")
    monkeypatch.setattr("config.redis_clients.blocking", lambda: gone)
    assert ids(checks.check_services(None, databases=["default"])) == ["parley.W010"]
