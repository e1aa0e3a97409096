"""How many pictures and recordings are read at the same time on one machine."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from config import decoding_slots
from config.limits import LIMITS
from config.missing_parts import Unavailable
from tests.stack.waiting import wait_until

HOLDER = """
import os, subprocess, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from django.conf import settings
from config import decoding_slots
with decoding_slots.slot(5) as slot:
    child = subprocess.Popen(["sleep", "60"], pass_fds=[slot], stdout=subprocess.DEVNULL)
    print(child.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path


@contextmanager
def all_taken() -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(LIMITS.decodings_at_once):
            stack.enter_context(decoding_slots.slot(0))
        yield


def test_it_gives_as_many_as_there_are_and_refuses_the_next_with_a_sentence() -> None:
    with all_taken():
        began = time.monotonic()
        with pytest.raises(Unavailable) as refusal, decoding_slots.slot(0.2):
            pass
        assert 0.2 <= time.monotonic() - began < 2
    assert (str(refusal.value), refusal.value.retry_after_s) == (str(decoding_slots.BUSY), 10)
    with decoding_slots.slot(0):
        pass  # It is free again.


def test_it_waits_for_one_that_comes_free() -> None:
    got = threading.Event()

    def wait() -> None:
        with decoding_slots.slot(20):
            got.set()

    with all_taken():
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not got.wait(0.3)
    assert got.wait(10)
    waiting.join()


def test_it_gives_one_person_one() -> None:
    token = decoding_slots.asking.set("user:1")
    try:
        with decoding_slots.slot(0):
            with pytest.raises(Unavailable), decoding_slots.slot(0):
                pass
            decoding_slots.asking.set("user:2")
            with decoding_slots.slot(0):
                pass
    finally:
        decoding_slots.asking.reset(token)


def test_it_counts_across_processes_until_the_one_that_decodes_is_gone() -> None:
    """A web that is killed leaves its child behind, which still needs the memory."""
    known = {**os.environ, "DATA_DIR": str(settings.DATA_DIR), "PARLEY_MODE": "test"}
    holders = [
        subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, env=known)
        for _ in range(LIMITS.decodings_at_once)
    ]
    children = [int(holder.stdout.readline()) for holder in holders if holder.stdout]
    for holder in holders:
        holder.kill()
        holder.communicate()
    try:
        with pytest.raises(Unavailable), decoding_slots.slot(0):
            pass
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)

    def is_free() -> bool:
        try:
            with decoding_slots.slot(0):
                return True
        except Unavailable:
            return False

    wait_until(is_free, "the kernel gives the slot back", 10)
