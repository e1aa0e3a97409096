"""Decoding what people send, a few at a time on this machine, whichever processes ask.

A picture of 160 KB can be 40 million pixels: seconds of a core and 400 MB. A slot is a lock on a
file in DATA_DIR, which all processes of a machine share. The kernel gives it back however its
holders end; the child that decodes holds it as well, so that it counts until it is gone.
"""

import fcntl
import hashlib
import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.limits import LIMITS
from config.missing_parts import Unavailable

BUSY = _("Too many pictures and recordings are being read right now. Please try again in a moment.")
RETRY_AFTER_S = 10
LOOK_S = 0.05  # A lock that has come free tells nobody who could be waited for in time.
PEOPLE = 64  # Files for locks of one person each; two of the same number wait for each other.

# Who asks in this request, as `config.http.rate_limits.who_asks` names them; "" in a worker.
asking: ContextVar[str] = ContextVar("asking", default="")


@contextmanager
def slot(wait_s: float | None = None) -> Iterator[int]:
    """Yield a descriptor that a child must inherit (`pass_fds`) while it decodes.

    One person has one slot at a time. Raises Unavailable, a 503 with a sentence, when none came
    free within `wait_s` (LIMITS.decoding_wait_s).
    """
    until = time.monotonic() + (LIMITS.decoding_wait_s if wait_s is None else wait_s)
    with ExitStack() as held:
        if who := asking.get():
            number = int.from_bytes(hashlib.sha256(who.encode()).digest()[:2]) % PEOPLE
            held.callback(os.close, _taken([f"person-{number}"], until))
        names = [f"slot-{number}" for number in range(LIMITS.decodings_at_once)]
        descriptor = _taken(random.sample(names, len(names)), until)
        held.callback(os.close, descriptor)
        yield descriptor


def _taken(names: list[str], until: float) -> int:
    """Return the descriptor of the first of the files that could be locked."""
    while True:
        for name in names:
            descriptor = os.open(_folder() / name, os.O_RDONLY | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                return descriptor
        if time.monotonic() >= until:
            raise Unavailable(BUSY, RETRY_AFTER_S)
        time.sleep(LOOK_S)


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / "decoding"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
