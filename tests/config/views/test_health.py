"""What load balancers ask. The database and Redis are the test run's real ones."""

import time

import pytest
import redis
from django.conf import settings
from django.test import Client
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings
from redis.exceptions import ConnectionError as RedisConnectionError

from config import redis_clients, tasks
from config.monitoring import heartbeat
from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import NODE_DEAD_S, NODES_KEY, Node, node_key
from tests.accounts.people import browser_of, person
from tests.stack.valkey import running_valkey

pytestmark = pytest.mark.django_db


def test_it_is_alive_without_asking_anybody(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_it_is_ready_with_database_redis_and_a_relay(
    client: Client, own_redis: redis.Redis
) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    tasks.beat_heart("clock")
    answer = client.get("/readyz")
    found: dict[str, object] = {"database": True, "redis": True, "relay": True, "worker": True}
    # Without these the site serves, and says so.
    found |= {"missing": ["work_queue", "delivery_queue", "egress"]}
    assert (answer.status_code, answer.json()) == (200, found)


def test_it_is_not_ready_while_the_worker_is_unresponsive(
    client: Client, own_redis: redis.Redis
) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    own_redis.set(heartbeat.key_of("clock"), str(time.time() - 300))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["worker"]) == (503, False)


def test_it_is_not_ready_when_the_relays_heart_has_stopped(
    client: Client, own_redis: redis.Redis
) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time() - NODE_DEAD_S - 1})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["relay"]) == (503, False)


def test_it_is_not_ready_when_redis_is_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_valkey() as server:
        gone = redis.Redis.from_url(server.url)
    with pytest.raises(RedisConnectionError):
        gone.ping()
    monkeypatch.setattr(redis_clients, "blocking", lambda: gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {
            "database": True,
            "redis": False,
            "relay": False,
            "worker": False,
            "missing": ["redis_away"],
        },
    )


def test_it_names_a_redis_that_may_throw_keys_away(client: Client, own_redis: redis.Redis) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    tasks.beat_heart("clock")
    own_redis.config_set("maxmemory-policy", "volatile-ttl")
    own_redis.config_set("maxmemory", 1 << 30)
    try:
        answer = client.get("/readyz")
    finally:
        own_redis.config_set("maxmemory", 0)
        own_redis.config_set("maxmemory-policy", "noeviction")
    assert (answer.status_code, "redis_evicting" in answer.json()["missing"]) == (200, True)


def test_it_names_a_silent_beat_apart_from_a_silent_worker(
    client: Client, own_redis: redis.Redis
) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    assert "beat" in client.get("/readyz").json()["missing"], "Nothing waits and nobody is heard."
    own_redis.rpush("clock", "waits")
    assert "beat" not in client.get("/readyz").json()["missing"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_it_answers_no_writes(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


# --- figures --------------------------------------------------------------------------------------


def measured(text: str) -> dict[str, float]:
    families = text_string_to_metric_families(text)
    return {
        "".join((one.name, *one.labels.values())): one.value
        for family in families
        for one in family.samples
    }


def test_it_hands_figures_to_this_machine(client: Client, own_redis: redis.Redis) -> None:
    node = Node("relay-1", "127.0.0.1", 1, peers=12, cpu=0.25, draining=False, full=False)
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    own_redis.set(node_key("relay-1"), encode(node))
    own_redis.rpush("clock", "waits")
    answer = client.get("/metrics")
    found = measured(answer.content.decode())
    assert answer["Content-Type"] == CONTENT_TYPE_LATEST
    assert (found["parley_queue_waitingclock"], found["parley_relay_peersrelay-1"]) == (1, 12)
    assert found["parley_worker_heard_secondsclock"] > 1000, "Nobody has taken a heartbeat yet."
    assert found["parley_live_spaces"] == found["parley_reports_open"] == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
def test_it_knows_that_a_proxy_on_this_machine_speaks_for_others(
    client: Client, header: str
) -> None:
    assert client.get("/metrics", headers={header: "203.0.113.7"}).status_code == 404


def test_it_is_closed_to_others_without_the_token(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
    assert client.get("/metrics", **elsewhere).status_code == 404  # type: ignore[arg-type]  # The stubs know no extra.
    monkeypatch.setattr(settings, "METRICS_TOKEN", "a-long-word")
    for word, status in (("a-long-word", 200), ("another", 404), ("", 404)):
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {word}"}, **elsewhere)  # type: ignore[arg-type]  # As above.
        assert answer.status_code == status


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_it_answers_monitors_in_production_by_any_name_and_without_tls(
    client: Client, own_redis: redis.Redis, settings: Settings, path: str
) -> None:
    own_redis.zadd(NODES_KEY, {"relay-1": time.time()})
    tasks.beat_heart("clock")
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["parley.example"], True
    answer = client.get(path, headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert "parley_session" not in answer.cookies
    for page in ("/", path + "/"):
        assert client.get(page, headers={"host": "10.0.0.7:8000"}).status_code in (301, 400)


def test_it_is_alive_for_a_browser_too_without_asking_who_looks(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = browser_of(person("ayu"))
    with django_assert_num_queries(0):
        assert browser.get("/healthz").status_code == 200
        assert Client().get("/offline/").status_code == 200, "As the service worker asks."
