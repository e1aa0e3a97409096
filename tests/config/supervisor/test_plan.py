from dataclasses import replace
from pathlib import Path

import pytest

from config.env import Environment
from config.supervisor import plan
from config.supervisor.plan import STOP_ORDER, Places
from config.supervisor.process import Spec

PLACES = Places("unix:///tmp/parley-x/valkey.sock", 8123, 9123, Path("/tmp/parley-x/valkey.sock"))


def specs(env: Environment, places: Places = PLACES) -> dict[str, Spec]:
    made = plan.make(env, places)
    recipes = [made.relay, *made.rest, *([made.valkey] if made.valkey else [])]
    return {spec.name: spec for spec in (recipe() for recipe in recipes)}


def test_it_has_a_place_in_the_stop_order_for_everybody(env: Environment) -> None:
    assert sorted(specs(env)) == sorted(name for group in STOP_ORDER for name in group)


def test_it_tells_all_the_same_places(env: Environment) -> None:
    for spec in specs(env).values():
        assert spec.environ["REDIS_URL"] == PLACES.redis_url
        assert (spec.environ["PORT"], spec.environ["METRICS_PORT"]) == ("8123", "9123")
        assert spec.environ["DATA_DIR"] == str(env.data_dir)


def test_it_starts_no_server_where_one_is_given(env: Environment) -> None:
    assert "valkey" not in specs(env, replace(PLACES, socket=None))


def test_it_gives_a_relay_a_new_name_for_each_start(env: Environment) -> None:
    relay = plan.make(env, PLACES).relay
    assert relay().environ["RELAY_ID"] != relay().environ["RELAY_ID"]


def test_it_lets_an_egress_come_back_under_its_name(env: Environment) -> None:
    egress = next(recipe for recipe in plan.make(env, PLACES).rest if recipe().name == "egress")
    assert egress().environ["EGRESS_ID"] == egress().environ["EGRESS_ID"]


def test_it_waits_for_no_line_that_log_level_leaves_out(env: Environment) -> None:
    """Those that are left are printed past the logs (config/celery.py)."""
    lines = {spec.ready_line for spec in specs(env).values()} - {""}
    assert lines == {"parley: worker is ready", "parley: beat is ready"}
    assert specs(env)["egress"].readiness is not None


def test_it_serves_on_this_machine_only_unless_told(env: Environment) -> None:
    assert "127.0.0.1" in specs(env)["web"].argv
    assert "0.0.0.0" in specs(replace(env, bind="0.0.0.0"))["web"].argv


@pytest.mark.parametrize(
    ("bind", "origins", "given"),
    [
        ("127.0.0.1", ["http://localhost:8000", "http://127.0.0.1:8000"], "127.0.0.1"),
        ("::1", ["http://[::1]:8000"], "127.0.0.1"),
        ("0.0.0.0", ["http://localhost:8000"], None),
        ("127.0.0.1", ["https://parley.example"], None),
        ("127.0.0.1", ["http://localhost:8000", "http://192.0.2.7:8000"], None),
    ],
    ids=["here", "here by IPv6", "bound to all", "behind a proxy", "two origins"],
)
def test_it_opens_no_port_of_media_to_a_network_that_cannot_open_the_site(
    env: Environment, bind: str, origins: list[str], given: str | None
) -> None:
    relay = specs(replace(env, bind=bind, origins=origins, relay_addresses=[]))["relay"]
    assert relay.environ.get("RELAY_ADDRESSES") == given


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_it_lets_daphne_believe_no_forwarded_address(env: Environment, proxies: int) -> None:
    """It takes the first entry, which is the client's own word (config/http/client_address.py)."""
    assert "--proxy-headers" not in specs(replace(env, trusted_proxies=proxies))["web"].argv
