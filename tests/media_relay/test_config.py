"""What the environment may say."""

import pytest

from media_relay import config as module
from media_relay.config import ConfigError, read
from media_relay.forwarding.media_kind import MediaKind
from media_relay.ice.addresses import LOOPBACK, own_addresses
from media_relay.rooms.source_limits import SOURCE_LIMITS
from media_relay.transport import interface_filter

OTHERS = own_addresses()[:-1]


def test_it_has_defaults_for_everything() -> None:
    config = read({})
    assert config.port == 0
    assert "127.0.0.1" in config.addresses
    assert config.relay != read({}).relay


def test_it_takes_a_source_s_limit_in_kbit_a_second_and_keeps_the_others() -> None:
    limits = read({"RELAY_CAMERA_KBPS": "9000"}).source_limits
    assert limits[MediaKind.CAMERA].bitrate_bps == 9_000_000
    assert limits[MediaKind.SCREEN] == SOURCE_LIMITS[MediaKind.SCREEN]


@pytest.mark.skipif(not OTHERS, reason="The machine has no address but loopback.")
def test_it_takes_packets_from_the_network_unless_it_is_for_this_machine_alone() -> None:
    assert (read({}).bind_host, read({}).interface) == ("0.0.0.0", "")


@pytest.mark.skipif(not OTHERS, reason="The machine has no address but loopback.")
@pytest.mark.parametrize(
    ("addresses", "bound"), [("127.0.0.1", "0.0.0.0"), ("::1", "::"), ("127.0.0.1,::1", "::")]
)
def test_it_announces_an_address_beside_loopback_always_but_takes_nothing_from_the_network(
    addresses: str, bound: str
) -> None:
    """Firefox gathers no loopback candidates."""
    config = read({"RELAY_ADDRESSES": addresses})
    assert config.addresses == (*addresses.split(","), *OTHERS)
    assert (config.bind_host, config.interface) == (bound, interface_filter.LOOPBACK)


def test_it_stays_with_loopback_on_a_machine_that_has_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "own_addresses", lambda: (LOOPBACK,))
    config = read({})
    assert (config.addresses, config.bind_host) == ((LOOPBACK,), LOOPBACK)


@pytest.mark.parametrize("addresses", ["127.0.0.1", "::1"])
def test_it_binds_loopback_where_the_kernel_cannot_tell_interfaces_apart(
    addresses: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interface_filter, "IS_AVAILABLE", False)
    config = read({"RELAY_ADDRESSES": addresses})
    assert (config.addresses, config.bind_host) == ((addresses,), addresses)


@pytest.mark.parametrize(
    ("addresses", "bound"),
    [
        ("192.0.2.1,127.0.0.1", "0.0.0.0"),
        ("192.0.2.1, 2001:db8::1", "::"),
    ],
)
def test_it_binds_no_wider_than_it_announces(addresses: str, bound: str) -> None:
    assert read({"RELAY_ADDRESSES": addresses}).bind_host == bound


@pytest.mark.parametrize(
    "environ",
    [
        {"RELAY_PORT": "x"},
        {"RELAY_PORT": "70000"},
        {"METRICS_PORT": "-1"},
        {"RELAY_ADDRESSES": "example.org"},
        {"RELAY_ID": "a b"},
        {"RELAY_ID": "x" * 65},
        {"RELAY_MAX_PEERS": "0"},
        {"RELAY_SOUND_KBPS": "much"},
        {"RELAY_CAMERA_KBPS": "0"},
        {"RELAY_FULL_CPU_PERCENT": "many"},
    ],
)
def test_it_says_which_variable_is_wrong(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=next(iter(environ))):
        read(environ)
