"""`python -m media_relay`: one relay, configured by the environment."""

import asyncio
import logging
import sys

from media_relay.config import ConfigError, RelayConfig, read
from media_relay.worker import Worker


async def _run(config: RelayConfig) -> None:
    await Worker(config).run()


def main() -> int:
    try:
        config = read()
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201  # For whoever started it, before there is a log.
        return 2
    logging.basicConfig(
        level=config.log_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%H:%M:%S",
    )
    try:
        asyncio.run(_run(config))
    except OSError as error:
        logging.getLogger("media_relay").error("The relay cannot start: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
