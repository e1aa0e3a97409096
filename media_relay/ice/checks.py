"""The checks that we send: who is asked, when again, and whose an answer is.

At first each address from which a good check came (RFC 8445 §7.3.1.4), then every few seconds the
one to which a peer's media go (RFC 7675).
"""

import random
from collections.abc import Callable
from heapq import heappop, heappush

from media_relay.ice import stun
from media_relay.ice.agent import Agent
from media_relay.ice.path import Path
from media_relay.metrics import Metrics
from media_relay.transport.udp_sender import UdpSender

# Each time between 0.8 and 1.2 times that. RFC 7675 §5.1 proposes 5 s, which hundreds of listeners
# pay for with a twentieth of what their sound costs. What is not answered is repeated each second,
# so there are as many tries in the 30 s of a consent as with its interval, and more.
INTERVAL_MS = 10_000
SPREAD = 0.2
# When such a check has not been answered: on a path that loses a third each way, six of them in
# 30 s would not be enough.
REPEAT_MS = 1000
# When an address that has not answered yet is asked again, if it has paid for it.
RETRY_MS = 100
# What of an address's credit is kept for the check while the peer's password is on its way: else
# one that has had its answers says nothing more, and waits. A check to a ufrag of 16 letters.
RESERVED_BYTES = 112


class Checks:
    """The queue of checks, and those that are not answered yet.

    Neither holds more than one for each path.
    """

    def __init__(
        self,
        udp_sender: UdpSender,
        metrics: Metrics,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._udp_sender = udp_sender
        self._metrics = metrics
        self._chance = chance  # 0 to 1.
        self._unanswered: dict[bytes, tuple[Agent, Path]] = {}  # By transaction id.
        # When, a number that makes each entry differ, who and where.
        self._queue: list[tuple[int, int, Agent, Path]] = []
        self._queued = 0

    def probe(self, agent: Agent, path: Path, now_ms: int) -> None:
        """Ask an address that is not open, as far as it has paid for that, then answer it.

        In this order: a peer that moves should not have to check twice, and what an open address is
        answered need not be paid for.
        """
        if agent.remote_key and now_ms - path.asked_ms >= RETRY_MS:
            self._ask_if_paid(agent, path, now_ms)
        length = len(path.reply)
        if length and (
            path.has_paid_for(length)
            if agent.remote_key
            else path.has_paid_for(length + RESERVED_BYTES, datagrams=2)
        ):
            path.pay(length)
            self.reply(path)

    def reply(self, path: Path) -> None:
        """Send the answer that waits, if there is one."""
        if path.reply:
            self._udp_sender.send(path.reply, path.address)
            path.reply = b""

    def keep(self, agent: Agent, path: Path, now_ms: int) -> None:
        """Ask this path again and again for as long as media go there."""
        # It may have answered so long ago that it would not be asked in time.
        self._go_on(agent, path, now_ms)

    def take_answer(self, data: bytes, address: bytes, now_ms: int) -> tuple[Agent, Path] | None:
        """Return who has answered a check of ours; None if that is no answer to any.

        It must be signed and come from where the check went to (RFC 8445 §7.2.5.2.1).
        """
        try:
            answer = stun.parse_answer(data)
        except ValueError:
            return None
        found = self._unanswered.get(answer.transaction_id)
        if found is None:
            return None
        agent, path = found
        if path.address != address or not stun.is_signed(
            data, answer.integrity_at, agent.remote_key
        ):
            return None
        del self._unanswered[answer.transaction_id]
        # A role conflict, most likely: a peer that thinks so has not consented. It is told its role
        # when it checks.
        if not answer.is_success:
            path.transaction_id = b""
            return None
        self._metrics.checks_answered += 1
        agent.on_answered(path, now_ms)
        return found

    def forget(self, path: Path) -> None:
        path.is_forgotten = True
        self._unanswered.pop(path.transaction_id, None)

    def tick(self, now_ms: int) -> None:
        """Send the checks that are due."""
        queue = self._queue
        while queue and queue[0][0] <= now_ms:
            _, _, agent, path = heappop(queue)
            path.is_scheduled = False
            if path.is_forgotten:
                continue
            if not path.is_open(now_ms):
                self._ask_if_paid(agent, path, now_ms)
            elif path.address == agent.selected:
                self._go_on(agent, path, now_ms)

    def _go_on(self, agent: Agent, path: Path, now_ms: int) -> None:
        """Ask for the consent of an open path, if it is time, and see to it again."""
        if path.transaction_id or now_ms - path.asked_ms > INTERVAL_MS // 2:
            self._ask(agent, path, now_ms)
            self._schedule(agent, path, now_ms, REPEAT_MS)
        else:  # It has answered, within the interval of a repetition.
            self._schedule(agent, path, now_ms, INTERVAL_MS - REPEAT_MS)

    def _ask_if_paid(self, agent: Agent, path: Path, now_ms: int) -> None:
        if not path.has_paid_for(agent.check_bytes):
            return
        path.pay(agent.check_bytes)
        self._ask(agent, path, now_ms)
        self._schedule(agent, path, now_ms, RETRY_MS)

    def _ask(self, agent: Agent, path: Path, now_ms: int) -> None:
        check = agent.ask(path, now_ms)
        self._unanswered[path.transaction_id] = (agent, path)
        self._metrics.checks_out += 1
        self._udp_sender.send(check, path.address)

    def _schedule(self, agent: Agent, path: Path, now_ms: int, interval_ms: int) -> None:
        if path.is_scheduled:
            return
        path.is_scheduled = True
        factor = 1 - SPREAD + 2 * SPREAD * self._chance()
        self._queued += 1
        heappush(self._queue, (now_ms + int(interval_ms * factor), self._queued, agent, path))
