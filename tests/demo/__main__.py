"""`python -m tests.demo` (`make demo`): a live Space with a robot in it, on the Parley that runs here.

It talks (vowels, no words), moves, and approves everybody who asks to speak, so one person can try all of it alone.
"""

import asyncio
import contextlib
import json
import sys

import aiohttp

from config.demo.people import PASSWORD
from config.env import read
from tests.demo.bot import Bot

HANDLE = "ivan"  # The one among the neighbours who builds instruments.
TITLE = "A robot clears its throat"


def main() -> int:
    """Run until Ctrl-C; return the exit code."""
    path = read().data_dir / "run.json"
    if not path.exists():
        sys.stderr.write("parley: Nothing runs here yet: start `make run` in another terminal first.\n")
        return 1
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_show(json.loads(path.read_text())["url"]))
    return 0


async def _show(site: str) -> int:
    bot, on_live = Bot(site, HANDLE, PASSWORD), asyncio.Event()
    hosting = asyncio.create_task(bot.run(TITLE, on_live), name="bot")
    live = asyncio.create_task(on_live.wait(), name="live")
    await asyncio.wait({hosting, live}, return_when=asyncio.FIRST_COMPLETED)
    if on_live.is_set():
        sys.stdout.write(f"parley: live at {site}/spaces/{bot.space['id']}/ (Ctrl-C ends it)\n")
    try:
        await hosting
    except aiohttp.ClientResponseError as error:
        sys.stderr.write(
            f"parley: The site refused the robot: {error.status} {error.message} at {error.request_info.url}\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
