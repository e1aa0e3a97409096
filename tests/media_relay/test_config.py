"""What the environment may say."""

import pytest

from media_relay.config import ConfigError, read


def test_it_has_defaults_for_everything() -> None:
    config = read({})
    assert config.port == 0
    assert "127.0.0.1" in config.addresses
    assert config.bind_host == "0.0.0.0"
    assert config.relay != read({}).relay


@pytest.mark.parametrize(
    ("addresses", "bound"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
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
        {"RELAY_FULL_CPU_PERCENT": "many"},
    ],
)
def test_it_says_which_variable_is_wrong(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=next(iter(environ))):
        read(environ)
