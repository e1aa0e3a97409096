"""Runs a real relay and talks to it as the web does, over a real Valkey."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
import redis.asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer

from media_relay.protocol.encoding import encode
from media_relay.protocol.relay import (
    NODES_KEY,
    AnswerPeer,
    OpenPeer,
    Policy,
    Request,
    SetPolicy,
    Sources,
    group_name,
    node_key,
    requests_key,
)
from tests.stack.folders import temporary_folder
from tests.stack.waiting import until, wait_until

ROOT = Path(__file__).resolve().parents[3]
GRANT_S = 30
REFRESH_S = 10.0  # As often as the web refreshes policies.
# Any: a decoded channel-layer message; `media_relay.protocol.relay` lists their fields.
Notice = dict[str, Any]


class RelayProcess:
    """One `python -m media_relay` on a free port of 127.0.0.1, with its log in a file."""

    def __init__(
        self,
        redis_url: str,
        environment: Mapping[str, str] | None = None,
        lease_s: int | None = None,
    ):
        self.redis_url = redis_url
        self.folder = temporary_folder("relay")
        self.log_path = self.folder / "log"
        self.environment = dict(environment or {})
        self.lease_s = lease_s
        self.relay = ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process is not None, "The relay is not running."
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, timeout_s: float = 30.0) -> "RelayProcess":
        """Start the relay and return when its heartbeat is in Valkey."""
        with redis.Redis.from_url(self.redis_url) as client:
            before = _node_names(client)
            self.process = self._spawn()
            self.relay = wait_until(
                lambda: self._new_node(client, before), "a heartbeat of the relay", timeout_s
            )
        return self

    def node(self) -> dict[str, Any]:  # Any: decoded JSON of `protocol.Node`.
        """Return what the relay last said about itself, {} if its entry has run out."""
        with redis.Redis.from_url(self.redis_url) as client:
            text = client.get(node_key(self.relay))
        return dict(json.loads(text)) if isinstance(text, bytes) else {}

    def metrics(self) -> dict[str, float]:
        """Return the relay's Prometheus metrics, keyed by name with labels."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.metrics_port()}/metrics", timeout=5
        ) as response:
            lines = response.read().decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}

    @property
    def peers(self) -> int:
        """How many peers the relay has at this moment; the heartbeat tells it up to two seconds
        late.
        """
        return int(self.metrics()["relay_peers"])

    def metrics_port(self) -> int:
        return int(wait_until(self.node, "the relay's heartbeat")["metrics_port"])

    def stop(self, timeout_s: float = 10.0) -> int:
        """Ask the relay to end and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "REDIS_URL": self.redis_url,
            "RELAY_ADDRESSES": "127.0.0.1",
            "RELAY_PORT": "0",
            "METRICS_PORT": "0",
            "DATA_DIR": str(self.folder),
            **self.environment,
        }
        with self.log_path.open("ab") as log:
            return subprocess.Popen(
                self._command(), cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def _command(self) -> list[str]:
        if self.lease_s is None:
            return [sys.executable, "-m", "media_relay"]
        # The lease is a constant of the protocol, not a setting; a test of its end cannot wait two
        # minutes.
        program = (
            "import runpy; from media_relay.protocol.relay import Policy; "
            f"Policy.LEASE_S = {self.lease_s}; "
        )
        return [
            sys.executable,
            "-c",
            program + "runpy.run_module('media_relay', run_name='__main__')",
        ]

    def _new_node(self, client: redis.Redis, before: set[str]) -> str:
        assert self.alive, f"The relay ended while starting:\n{self.log}"
        return next(iter(_node_names(client) - before), "")


def _node_names(client: redis.Redis) -> set[str]:
    return {
        member.decode() for member in client.zrange(NODES_KEY, 0, -1) if isinstance(member, bytes)
    }


@contextmanager
def running_relay(redis_url: str) -> Iterator[RelayProcess]:
    """Yield a started relay that dies with the block, also when it never got ready."""
    relay = RelayProcess(redis_url)
    try:
        yield relay.start()
    finally:
        relay.kill()


class Bus:
    """The web's side of the relay protocol: one reply channel for any number of sockets."""

    def __init__(self, redis_url: str, relay: str) -> None:
        self.relay = relay
        self.redis = redis.asyncio.Redis.from_url(redis_url, socket_timeout=None)
        self.layer = RedisPubSubChannelLayer(hosts=[{"address": redis_url, "socket_timeout": None}])
        self.channel = ""
        self.notices: dict[str, list[Notice]] = defaultdict(list)
        self.speakers: list[Notice] = []
        self._replies: dict[str, asyncio.Future[Notice]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> "Bus":
        self.channel = await self.layer.new_channel()
        self._reader = asyncio.create_task(self._read(), name="bus reader")
        return self

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        await self.layer.flush()
        await self.redis.aclose()

    async def follow(self, space: str) -> None:
        """Join the group of a Space, as every socket of it does."""
        await self.layer.group_add(group_name(space), self.channel)

    async def send(self, request: Request) -> None:
        await self.send_text(encode(request))

    async def send_text(self, text: str | bytes) -> None:
        """Write one entry to the relay's stream, whatever it says."""
        await self.redis.xadd(requests_key(self.relay), {"json": text})

    async def ask(self, request: OpenPeer | AnswerPeer, timeout_s: float = 10.0) -> Notice:
        """Send a request that is answered and return the answer, which may be `relay.error`."""
        reply: asyncio.Future[Notice] = asyncio.get_running_loop().create_future()
        self._replies[request.request] = reply
        try:
            await self.send(request)
            return await asyncio.wait_for(reply, timeout_s)
        finally:
            del self._replies[request.request]

    def heard(self, peer: str, kind: str) -> Notice | None:
        """Return the last notice of `kind` about `peer`, or None."""
        return next(
            (notice for notice in reversed(self.notices[peer]) if notice["type"] == kind), None
        )

    def forget(self, peer: str) -> None:
        """Drop the notices of a peer that is gone."""
        self.notices.pop(peer, None)

    async def expect(self, peer: str, kind: str, timeout_s: float = 10.0) -> Notice:
        notice = await until(lambda: self.heard(peer, kind), f"{kind} for {peer}", timeout_s)
        assert notice is not None
        return notice

    async def _read(self) -> None:
        while True:
            notice = await self.layer.receive(self.channel)
            self._take(notice)

    def _take(self, notice: Notice) -> None:
        reply = self._replies.get(notice.get("request", ""))
        if reply is not None and not reply.done():
            reply.set_result(notice)
        if notice["type"] == "relay.speaker" and not notice.get("personal"):
            self.speakers.append(notice)
        self.notices[notice.get("peer", "")].append(notice)


class Scene:
    """One Space at the relay: its policy and the grants that the web would give."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.space = f"space-{uuid.uuid4().hex[:12]}"
        self.rev = 1
        self.publishers: dict[str, Sources] = {}
        self.spotlight: str | None = None

    @property
    def policy(self) -> Policy:
        return Policy(self.space, self.rev, dict(self.publishers), self.spotlight)

    def at(self, bus: Bus) -> "Scene":
        """Return the same Space at another relay: same people, same policy."""
        other = Scene(bus)
        other.space, other.rev, other.publishers, other.spotlight = (
            self.space,
            self.rev,
            self.publishers,
            self.spotlight,
        )
        return other

    async def allow(self, user: str, **sources: bool) -> None:
        """Set what `user` may send, by the names of `Sources`; nothing takes them off stage."""
        if any(sources.values()):
            self.publishers[user] = Sources(**sources)
        else:
            self.publishers.pop(user, None)
        await self.publish()

    async def publish(self) -> None:
        """Write the policy with the next revision."""
        self.rev += 1
        await self.bus.send(self._request())

    async def refresh(self) -> None:
        """Write the policy with the same revision, as the web's sweep does to renew the lease."""
        await self.bus.send(self._request())

    async def keep_lease(self) -> None:
        """Renew the policy's lease for ever; a measurement may last longer than a lease."""
        while True:
            await asyncio.sleep(REFRESH_S)
            await self.refresh()

    def grant(self, user: str, stage: bool, expires_in_s: float = GRANT_S) -> OpenPeer:
        """Return the request that opens a new peer for `user`."""
        return OpenPeer(
            request=uuid.uuid4().hex,
            reply_to=self.bus.channel,
            peer=f"peer-{user or 'visitor'}-{uuid.uuid4().hex[:8]}",
            space=self.space,
            user=user,
            stage=stage,
            expires_at=time.time() + expires_in_s,
            policy=self.policy,
        )

    def told_of(self, **assigned: str | None) -> bool:
        """Whether the newest notice to the group says this of the room's slots."""
        newest = self.bus.speakers[-1]["assigned"] if self.bus.speakers else {}
        return all(newest.get(slot) == user for slot, user in assigned.items())

    async def answer(self, peer: str, sdp: str) -> Notice:
        return await self.bus.ask(AnswerPeer(uuid.uuid4().hex, peer, sdp, self.bus.channel))

    def _request(self) -> Request:
        return SetPolicy(self.policy)


def counter_total(metrics: Mapping[str, float], matches: Callable[[str], bool]) -> float:
    """Return the sum of the metrics whose name and labels satisfy `matches`."""
    return sum(value for name, value in metrics.items() if matches(name))
