"""How many sockets this process has open, by where they are from and whose they are: nobody outside
may take all of its memory, and none of its time by coming back for ever.
"""

from collections import Counter
from collections.abc import Hashable
from functools import cache

from config.limits import LIMITS

NETWORKS = 4096  # Whose handshakes are counted; the one that came first is forgotten.


class OpenSockets:
    """`now` is monotonic seconds.

    A network may open all its sockets at once, as a class does whose web was started again, and
    from then on `handshakes_per_s`.
    """

    def __init__(self, per_network: int, per_person: int, handshakes_per_s: int) -> None:
        self._per_network = per_network
        self._per_person = per_person
        self._handshakes_per_s = handshakes_per_s
        self._open: Counter[Hashable] = Counter()
        self._tokens: dict[str, tuple[float, float]] = {}

    def may_come(self, network: str, now: float) -> bool:
        """Count one more handshake; False if there are too many, or too many sockets are open."""
        tokens, at = self._tokens.pop(network, (float(self._per_network), now))
        tokens = min(self._per_network, tokens + (now - at) * self._handshakes_per_s)
        if len(self._tokens) >= NETWORKS:
            del self._tokens[next(iter(self._tokens))]
        self._tokens[network] = (max(0.0, tokens - 1), now)
        return tokens >= 1 and self._open[network] < self._per_network

    def has_place(self, person: int | None) -> bool:
        return person is None or self._open[person] < self._per_person

    def opened(self, network: str, person: int | None) -> None:
        self._open.update(_counted(network, person))

    def closed(self, network: str, person: int | None) -> None:
        self._open.subtract(_counted(network, person))
        for key in _counted(network, person):
            if self._open[key] <= 0:
                del self._open[key]


def _counted(network: str, person: int | None) -> list[Hashable]:
    return [network] if person is None else [network, person]


@cache
def of_this_process() -> OpenSockets:
    return OpenSockets(
        LIMITS.network_sockets, LIMITS.account_sockets, LIMITS.network_handshakes_per_s
    )
