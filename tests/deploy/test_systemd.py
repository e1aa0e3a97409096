"""The units of deploy/systemd."""

from configparser import ConfigParser
from pathlib import Path

import pytest

from config.env import ROOT

SERVICES = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.fixture(params=SERVICES, ids=lambda path: path.name)
def service(request: pytest.FixtureRequest) -> dict[str, str]:
    path: Path = request.param
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
