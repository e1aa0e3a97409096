"""`python -m media_relay`: one relay, configured by the environment."""

import asyncio
import logging
import sys

from media_relay.config import ConfigError, RelayConfig, read
from media_relay.relay import Relay


async def run(config: RelayConfig) -> None:
    await Relay(config).run()  # It asks for the running loop.


def main() -> int:
    try:
        config = read()
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201  # There is no log yet.
        return 2
    logging.basicConfig(
        level=config.log_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    try:
        asyncio.run(run(config))
    except OSError as error:
        # A port that is taken, or an address that is not this machine's.
        logging.getLogger("media_relay").error("The relay cannot start: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
