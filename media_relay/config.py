"""What the relay reads from its environment; only `gone`, which must be quick, reads for itself.

It imports nothing of `config/`, which is the web's.
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address

from media_relay.forwarding.media_kind import MediaKind
from media_relay.ice.addresses import are_loopback, own_addresses
from media_relay.rooms.source_limits import SOURCE_LIMITS, SourceLimit
from media_relay.speaker.detector import MAX_SPEAKERS
from media_relay.transport import interface_filter

MAX_PEERS = 5000  # Some 13 kB each; the processor is full long before.
# Of one Space, whatever a policy says. How many seats a stage has is the web's limit; the
# supervisor passes that on.
MAX_PUBLISHERS = MAX_SPEAKERS
KBPS_NAMES = {
    MediaKind.MICROPHONE: "RELAY_SOUND_KBPS",
    MediaKind.CAMERA: "RELAY_CAMERA_KBPS",
    MediaKind.SCREEN: "RELAY_SCREEN_KBPS",
}
FULL_CPU = 0.85  # DESIGN §4.8: above this share of one core new peers go elsewhere.


@dataclass(frozen=True)
class RelayConfig:
    """`addresses` are announced to browsers; the first is how operators know this relay.

    `interface` is the only one that packets are taken from; "" takes them from everywhere.
    """

    relay: str
    redis_url: str
    port: int
    addresses: tuple[str, ...]
    interface: str
    metrics_port: int
    max_peers: int
    max_publishers: int
    source_limits: Mapping[MediaKind, SourceLimit]
    full_cpu: float
    log_level: str

    @property
    def bind_host(self) -> str:
        """The narrowest address to bind that all announced ones reach."""
        if len(self.addresses) == 1 and are_loopback(self.addresses):
            return self.addresses[0]
        # An IPv6 wildcard takes IPv4, too.
        return "::" if any(":" in address for address in self.addresses) else "0.0.0.0"


class ConfigError(Exception):
    """The environment says something that cannot be; the text is for the operator."""


def read(environ: Mapping[str, str] = os.environ) -> RelayConfig:
    """Return this process's settings. Raises ConfigError."""
    # A name that is new for every process, unless a supervisor gives one to keep.
    relay = environ.get("RELAY_ID") or f"relay-{secrets.token_hex(4)}"
    # It stands in keys of Redis, between colons.
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", relay):
        raise ConfigError(
            f"RELAY_ID is {relay!r}; it takes up to 64 letters, digits, dots, dashes and "
            "underscores."
        )
    given = [part.strip() for part in environ.get("RELAY_ADDRESSES", "").split(",")]
    try:
        addresses = tuple(str(ip_address(part)) for part in given if part)
    except ValueError as error:
        raise ConfigError(f"RELAY_ADDRESSES: {error}") from error
    addresses, interface = _reach(addresses or own_addresses())
    return RelayConfig(
        relay=relay,
        redis_url=environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        port=_port(environ, "RELAY_PORT"),
        addresses=addresses,
        interface=interface,
        metrics_port=_port(environ, "METRICS_PORT"),
        max_peers=_positive(environ, "RELAY_MAX_PEERS", MAX_PEERS),
        max_publishers=_positive(environ, "RELAY_MAX_PUBLISHERS", MAX_PUBLISHERS),
        source_limits={
            kind: replace(
                limit,
                bitrate_bps=1000 * _positive(environ, KBPS_NAMES[kind], limit.bitrate_bps // 1000),
            )
            for kind, limit in SOURCE_LIMITS.items()
        },
        full_cpu=_positive(environ, "RELAY_FULL_CPU_PERCENT", round(FULL_CPU * 100)) / 100,
        log_level=environ.get("LOG_LEVEL", "INFO").upper(),
    )


def _reach(addresses: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return what to announce, and the interface whose packets are taken.

    A relay for this machine alone announces the machine's other addresses, too: Firefox gathers no
    loopback candidates, and pairs none of its own with one. Packets to them from this machine come
    by the loopback interface like those to 127.0.0.1, and from no other one are they taken
    (config/decisions/0032-reach-of-a-local-relay.md).
    """
    if not are_loopback(addresses) or not interface_filter.IS_AVAILABLE:
        return addresses, ""
    others = tuple(other for other in own_addresses() if other not in addresses)
    return (*addresses, *(other for other in others if not are_loopback([other]))), (
        interface_filter.LOOPBACK
    )


def _port(environ: Mapping[str, str], name: str) -> int:
    text = environ.get(name) or "0"
    if not text.isdigit() or int(text) > 65535:
        raise ConfigError(f"{name} is {text!r}; it must be a port, or 0 for a free one.")
    return int(text)


def _positive(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdigit() or int(text) == 0:
        raise ConfigError(f"{name} is {text!r}; it must be a whole number above 0.")
    return int(text)
