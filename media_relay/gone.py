"""`python -m media_relay.gone`: take a relay that has ended out of the register.

For whoever sees it end, as systemd does (ExecStopPost); `manage.py run` does the same by itself.
Its rooms move now, instead of when its last heartbeat is old.
"""

import sys
from contextlib import closing

import redis

from media_relay.config import ConfigError, read
from media_relay.protocol.relay import NODES_KEY, gone_key, node_key

KEPT_S = 60  # Web processes look twice a second.
TIMEOUT_S = 2


def forget(url: str, relay: str) -> None:
    """Raises RedisError."""
    with closing(redis.Redis.from_url(url, socket_timeout=TIMEOUT_S)) as link:
        link.zrem(NODES_KEY, relay)
        link.delete(node_key(relay))
        link.set(gone_key(relay), 1, ex=KEPT_S)


def main() -> int:
    """Return 2 if the environment names no relay, and 1 if Redis does not answer."""
    try:
        config = read()
        forget(config.redis_url, config.relay)
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201  # There is no log.
        return 2
    except redis.RedisError as error:  # Then the old heartbeat tells, a few seconds later.
        print(f"The relay stays in the register: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
