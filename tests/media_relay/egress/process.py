"""Runs a real egress process, and is the web to it: what is wanted, notes, captions."""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import redis
import redis.asyncio

from media_relay.protocol.egress import (
    EGRESS_CHANGED,
    EGRESS_NODES_KEY,
    EGRESS_SPACES_KEY,
    Caption,
    Wanted,
    captions_channel,
    notes_channel,
    parse_message,
    wanted_key,
)
from media_relay.protocol.encoding import encode
from tests.media_relay.blackbox.harness import ROOT
from tests.stack.waiting import until, wait_until


class EgressProcess:
    """One `python -m media_relay.egress` with its log in a file."""

    def __init__(
        self,
        redis_url: str,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        without: str = "",
    ) -> None:
        """`without` names a package that is not installed, as far as this process can see."""
        self.without = without
        self.redis_url = redis_url
        self.name = f"egress-{secrets.token_hex(4)}"
        self.folder = folder
        self.log_path = folder / f"{self.name}.log"
        self.environment = dict(environment or {})
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> "EgressProcess":
        """Start it and return when its heartbeat is in Redis."""
        environment = {
            **os.environ,
            "REDIS_URL": self.redis_url,
            "EGRESS_ID": self.name,
            "DATA_DIR": str(self.folder),
            **self.environment,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self._command(), cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        with redis.Redis.from_url(self.redis_url) as client:
            wait_until(
                lambda: client.zscore(EGRESS_NODES_KEY, self.name), "a heartbeat of the egress", 30
            )
        return self

    def _command(self) -> list[str]:
        if not self.without:
            return [sys.executable, "-m", "media_relay.egress"]
        program = f"import runpy, sys; sys.modules[{self.without!r}] = None; "
        return [
            sys.executable,
            "-c",
            program + "runpy.run_module('media_relay.egress', run_name='__main__')",
        ]

    def kill(self) -> None:
        """End it without a word."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Web:
    """Wants things of egress in one Space, and reads what it says."""

    def __init__(self, redis_url: str, space: str) -> None:
        self.space = space
        self.lines: list[tuple[float, Caption]] = []
        # Any: decoded JSON of CaptionStatus and RecordingStatus.
        self.statuses: list[dict[str, Any]] = []
        self._redis = redis.asyncio.Redis.from_url(redis_url, socket_timeout=None)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> "Web":
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._read(ready), name="captions reader")
        await ready.wait()
        return self

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._redis.delete(wanted_key(self.space))  # The Valkey serves other tests, too.
        await self._redis.aclose()

    async def want(self, **fields: Any) -> None:  # Any: fields of Wanted.
        wanted = Wanted(self.space, **fields)
        async with self._redis.pipeline() as pipe:
            pipe.sadd(EGRESS_SPACES_KEY, self.space)
            pipe.set(wanted_key(self.space), encode(wanted), ex=Wanted.LEASE_S)
            pipe.publish(EGRESS_CHANGED, self.space)
            await pipe.execute()

    async def note(self, **note: Any) -> None:  # Any: goes into JSON.
        await self._redis.publish(notes_channel(self.space), json.dumps(note))

    def finals(self, participant: str) -> list[Caption]:
        return [
            line
            for _, line in self.lines
            if line.final and line.text and line.participant == participant
        ]

    def said(self, participant: str) -> str:
        """Return all final words of a person."""
        return " ".join(line.text for line in self.finals(participant))

    def first_words_at(self, participant: str) -> float:
        return next(at for at, line in self.lines if line.participant == participant)

    # Any: decoded JSON.
    async def expect_status(self, timeout_s: float = 10.0, **fields: Any) -> dict[str, Any]:
        def found() -> dict[str, Any]:
            matching = (
                one
                for one in reversed(self.statuses)
                if all(one.get(k) == v for k, v in fields.items())
            )
            return next(matching, {})

        return await until(found, f"the status {fields}", timeout_s)

    async def _read(self, ready: asyncio.Event) -> None:
        ended: set[str] = set()
        pubsub = self._redis.pubsub()
        await pubsub.subscribe(captions_channel(self.space))
        async for message in pubsub.listen():
            ready.set()
            if message["type"] != "message":
                continue
            said = parse_message(message["data"])
            if isinstance(said, Caption):
                if said.id in ended:  # A final line is said twice; a page has it already, too.
                    continue
                if said.final:
                    ended.add(said.id)
                self.lines.append((time.monotonic(), said))
            else:
                self.statuses.append(msgspec.structs.asdict(said))
