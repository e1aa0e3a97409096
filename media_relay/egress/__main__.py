"""`python -m media_relay.egress`: one egress, configured by the environment."""

import asyncio
import logging
import sys

from media_relay.config import ConfigError
from media_relay.egress.config import read
from media_relay.egress.worker import Worker


def main() -> int:
    try:
        config = read()
    except ConfigError as error:
        # For whoever started it, before there is a log.
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    logging.basicConfig(
        level=config.log_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    asyncio.run(Worker(config).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
