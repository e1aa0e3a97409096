"""The addresses that this machine has."""

from aioice.ice import get_host_addresses


def own_addresses() -> tuple[str, ...]:
    """Return this machine's IPv4 addresses, loopback last.

    A phone in the same network must find the others first.
    """
    return (*get_host_addresses(use_ipv4=True, use_ipv6=False), "127.0.0.1")
