"""The addresses that this machine has."""

from collections.abc import Sequence
from ipaddress import ip_address

from aioice.ice import get_host_addresses

LOOPBACK = "127.0.0.1"


def own_addresses() -> tuple[str, ...]:
    """Return this machine's IPv4 addresses, loopback last.

    A phone in the same network must find the others first.
    """
    return (*get_host_addresses(use_ipv4=True, use_ipv6=False), LOOPBACK)


def are_loopback(addresses: Sequence[str]) -> bool:
    """Return whether none of them can be reached from another machine."""
    return all(ip_address(address).is_loopback for address in addresses)
