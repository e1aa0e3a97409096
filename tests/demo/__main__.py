"""`python -m tests.demo` (`make demo`): a live Space with a robot in it, on the Parley that runs
here.

It talks (vowels, no words), moves, and approves everybody who asks to speak, so one person can try
all of it alone.
"""

import asyncio
import json
import sys

import aiohttp

from config.dev.demo.people import PASSWORD
from config.env import read
from tests.demo.bot import Bot

HANDLE = "ivan"  # The one among the neighbours who builds instruments.
TITLE = "A robot clears its throat"


def main() -> int:
    """Run until Ctrl-C; return the exit code."""
    try:
        record = json.loads((read().data_dir / "run.json").read_text())
    except FileNotFoundError:
        return _refuse("Nothing runs here yet: start `make run` in another terminal first.")
    if not record["ready"]:
        return _refuse("Parley is still starting: try again when it has printed its address.")
    try:
        asyncio.run(_show(record["url"]))
    except aiohttp.ClientResponseError as error:
        return _refuse(
            f"The site refused the robot: {error.status} {error.message} at {error.request_info.url}"
        )
    except aiohttp.ClientError as error:
        return _refuse(f"The site does not answer: {error}")
    except KeyboardInterrupt:
        return 0
    return 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"parley: {sentence}\n")
    return 1


async def _show(site: str) -> None:
    bot, on_live = Bot(site, HANDLE, PASSWORD), asyncio.Event()
    hosting = asyncio.create_task(bot.run(TITLE, on_live), name="bot")
    live = asyncio.create_task(on_live.wait(), name="live")
    await asyncio.wait({hosting, live}, return_when=asyncio.FIRST_COMPLETED)
    if on_live.is_set():
        sys.stdout.write(f"parley: live at {site}{bot.space['url']} (Ctrl-C ends it)\n")
        sys.stdout.flush()
    await hosting


if __name__ == "__main__":
    sys.exit(main())
