"""Random commands through real sockets: what each viewer pieced together is what a fresh snapshot
shows.
"""

import asyncio
import copy
import os
import random
import subprocess
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from config.dev.lint import node_path
from config.env import ROOT
from config.limits import LIMITS
from spaces.models import Space
from tests.spaces.rooms.fold import apply
from tests.spaces.rooms.sequences import Sequence, packed
from tests.spaces.rooms.table import stage
from tests.spaces.sockets import RoomSocket, in_room
from tests.spaces.stored import make_people, store_room

pytestmark = pytest.mark.django_db(transaction=True)
VIEWERS: tuple[int | None, ...] = (1, 11, 21, 31, 32, None, 91)
ANSWERS = ("ok", "error")
NOT_OF_THE_ROOM = ("now_ms", "listeners", "assigned", "captions", "type", "ref")


def pick(choice: random.Random) -> tuple[int, str, dict[str, Any]]:  # Any: fields of a message.
    """Return who sends what.

    Nobody is removed and nothing ends, so that all sockets stay open to the last.
    """
    whom = choice.choice([1, 11, 12, 21, 22, 31, 32])
    on: dict[str, Any] = {"on": choice.random() < 0.7}  # Any: fields of a message.
    user: dict[str, Any] = {"user": whom}  # Any: fields of a message.
    # Any: fields of a message.
    role: dict[str, Any] = {**user, "role": choice.choice(["speaker", "cohost"])}
    pin: dict[str, Any] = {"pin": choice.choice([7, 8])}  # Any: fields of a message.
    messages: list[tuple[str, dict[str, Any]]] = [  # Any: fields of a message.
        *[
            ("mic.set", on),
            ("camera.set", on),
            ("screen.set", on),
            ("room.lock_mics", on),
            ("room.mute_all", {}),
        ],
        *[
            ("speak.request", {"reason": "me"}),
            ("speak.cancel", {}),
            ("seat.leave", {}),
            ("invite.accept", {}),
        ],
        *[
            ("speak.approve", user),
            ("speak.decline", user),
            ("seat.mute", user),
            ("seat.move_down", user),
        ],
        *[("invite.send", role), ("cohost.remove", user)],
        *[
            ("host.hand_over", user),
            ("host.accept", {}),
            ("spotlight.set", user),
            ("pin.add", {"url": "/posts/9/"}),
        ],
        *[("pin.remove", pin), ("room.update", {"title": f"T{choice.random()}"})],
        *[("room.update", {"speak_rule": choice.choice(["everyone", "followed", "invited"])})],
    ]
    actor = choice.choice([1, 1, 1, 11, 11, 21, 31, 32, 91])
    return (actor, *choice.choice(messages))


# Any: a snapshot.
async def same_as_fresh(socket: RoomSocket, known: dict[str, Any], rev: int) -> bool:
    """Fold what has come so far, and compare with a fresh snapshot once it is of the same `rev`."""
    fresh = await socket.snapshot()
    for message in socket.take_backlog():
        apply(known, message)
    assert fresh["rev"] == rev
    return all(known[name] == value for name, value in fresh.items() if name not in NOT_OF_THE_ROOM)


# Any: a snapshot.
def heard(socket: RoomSocket, snapshot: dict[str, Any], since: int) -> Sequence:
    """Return what came after the first snapshot, with the fresh one asked for at the end."""
    messages = [message for message in socket.seen[since:] if message["type"] not in ANSWERS]
    while messages[-1]["type"] != "space.snapshot":  # Who listens may have been told after it.
        messages.pop()
    fresh = messages.pop()
    return Sequence(snapshot, messages, [(len(messages), fresh)])


@pytest.mark.parametrize("seed", range(4))
async def test_it_tells_every_viewer_exactly_what_a_fresh_snapshot_shows(
    seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "accounts.realtime.socket.LIMITS", replace(LIMITS, socket_messages_per_s=1000)
    )
    monkeypatch.setattr("spaces.consumers.room.LIMITS", replace(LIMITS, gone_after_s=3600))
    choice = random.Random(seed)
    people = await sync_to_async(make_people)()
    space = await sync_to_async(store_room)(stage())
    async with AsyncExitStack() as stack:
        sockets = {
            user: await stack.enter_async_context(in_room(space, people.get(user or 0)))
            for user in VIEWERS
        }
        known = {user: socket.seen[-1] for user, socket in sockets.items()}
        first = {
            user: (copy.deepcopy(known[user]), len(socket.seen)) for user, socket in sockets.items()
        }
        for _ in range(120):
            actor, kind, fields = pick(choice)
            await sockets[actor].ask(kind, **fields)
        rev = (await Space.objects.aget(pk=space.pk)).rev
        assert rev > known[None]["rev"] + 12, "Enough of it was allowed."
        for user, socket in sockets.items():
            while known[user]["rev"] < rev:
                apply(known[user], await socket.next_any())
            assert await same_as_fresh(socket, known[user], rev), user
        path = tmp_path / "sequences.json"
        path.write_text(packed([heard(sockets[user], *first[user]) for user in VIEWERS]))
    folded = await asyncio.to_thread(fold_in_page, path)
    assert folded.returncode == 0, folded.stdout


def fold_in_page(sequences: Path) -> subprocess.CompletedProcess[str]:
    """Let the page's own reducer fold the sequences of a file."""
    return subprocess.run(
        [node_path(), "--test", "tests/static/js/room/fold.test.mjs"],
        env={**os.environ, "SEQUENCES": str(sequences)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
