"""What the relay hands on inside the machine: every finished packet of a Space's slots, as egress
reads them.
"""

import redis

from media_relay.protocol.relay import slots_channel
from media_relay.redis.cascade import PACKETS, entries
from tests.media_relay.egress.traces import Traces
from tests.stack.parley import Parley


class Wiretap:
    """Gathers traces of one Space from now on.

    The relay publishes while somebody else wants the packets, too.
    """

    def __init__(self, site: Parley, space: str) -> None:
        self.traces = Traces()
        self._redis = redis.Redis.from_url(site.record["redis_url"])
        self._pubsub = self._redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # Theirs.
        self._pubsub.subscribe(slots_channel(space))

    def has_enough(self) -> bool:
        """Take what has come meanwhile."""
        while (message := self._pubsub.get_message()) is not None:
            data = message["data"]
            if data[:1] == PACKETS:
                self.traces.take(packet for _, packet in entries(data))
        return self.traces.are_enough

    def brings_all_to_the_disk(self) -> None:
        """Have Valkey write down everything it knows."""
        self._redis.save()

    def close(self) -> None:
        self._pubsub.close()
        self._redis.close()
