"""The units of deploy/systemd."""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from config.env import ROOT

SERVICES = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.fixture(params=SERVICES, ids=lambda path: path.name)
def service(request: pytest.FixtureRequest) -> dict[str, str]:
    path: Path = request.param
    return read(path)


def read(path: Path) -> dict[str, str]:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]  # As its documents say.
    unit.read_string(path.read_text())
    return dict(unit["Service"])


def test_it_writes_for_its_own_account_alone(service: dict[str, str]) -> None:
    assert service["UMask"] == "0077"
    assert service["User"] == "parley"
    if "StateDirectory" in service:
        assert service["StateDirectoryMode"] == "0710"  # nginx's group goes through to media.


def test_it_believes_no_first_entry_of_a_forwarded_header(service: dict[str, str]) -> None:
    assert "--proxy-headers" not in service["ExecStart"]


def section(name: str) -> dict[str, str]:
    return next(read(path) for path in SERVICES if path.name == name)


def test_it_uses_the_number_of_worker_processes() -> None:
    worker = section("parley-worker.service")
    assert "-c ${WORKER_PROCESSES} " in worker["ExecStart"]
    assert worker["Environment"] == "WORKER_PROCESSES=2", "A default, which the file may change."


def test_it_gives_each_relay_figures_of_its_own_and_tells_when_one_was_killed() -> None:
    relay = section("parley-relay@.service")
    assert "METRICS_PORT=%i" in relay["Environment"]
    name = "/usr/bin/env RELAY_ID=relay-${INVOCATION_ID} "
    for step, module in (("ExecStart", "media_relay"), ("ExecStopPost", "media_relay.gone")):
        assert relay[step].startswith(name), "New at each start, and the same for both."
        assert relay[step].endswith(f"python -m {module}")


def test_it_knows_both_names_of_the_unit_of_redis() -> None:
    for path in SERVICES:
        after = re.search(r"^After=(.*)$", path.read_text(), re.MULTILINE)
        if after and "heartbeat" not in path.name:
            assert {"redis-server.service", "valkey-server.service"} <= set(after[1].split())
