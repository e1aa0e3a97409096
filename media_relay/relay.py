"""One relay process: puts the parts together, ticks, and ends in good order."""

import asyncio
import gc
import logging
import resource
import signal

from media_relay import metrics
from media_relay.clock import Clock, monotonic_ms
from media_relay.config import RelayConfig
from media_relay.control import RelayRequestHandler
from media_relay.ice.addresses import are_loopback
from media_relay.ice.udp_mux import UdpMux
from media_relay.metrics import CpuMeter, Metrics
from media_relay.protocol.relay import Node
from media_relay.redis.bus import Bus
from media_relay.redis.cascade import Cascade
from media_relay.rooms.context import RelayContext
from media_relay.signalling.offer import Endpoint
from media_relay.transport.dtls import Certificate
from media_relay.transport.udp_sender import UdpSender, open_socket, probe_gso

TICK_MS = 20  # As often as a voice sends: NACKs and key frames are asked for by then.
HANDSHAKE_TICK_MS = 100  # DTLS repeats a flight after a second at the earliest.
CONSENT_TICK_MS = 1000
IDLE_TICK_MS = 200  # Without peers.
# A supervisor kills after 5 s; redis-py may need 2 s more to notice that it is over.
SHUTDOWN_S = 2.0
# Of the newest heartbeat in the load that decides about "full": a burst of joins is not a full
# relay.
CPU_WEIGHT = 0.3
FULL_HYSTERESIS = 0.1
# A full collection with thousands of peers takes longer than a packet may wait. Peers leave no
# cycles behind, and what is young is still looked at.
GC_THRESHOLDS = (50_000, 20, 100_000)

log = logging.getLogger(__name__)


class Relay:
    """Owns the socket, the connection to Redis and the ticks.

    `RelayRequestHandler` has the peers.
    """

    def __init__(self, config: RelayConfig, clock: Clock = monotonic_ms) -> None:
        self._config = config
        self._clock = clock
        self._metrics = Metrics()
        self._cpu = CpuMeter()
        self._load = self._cpu_now = 0.0
        self._loop = asyncio.get_running_loop()
        self._socket = open_socket(config.bind_host, config.port, config.interface)
        self._port = int(self._socket.getsockname()[1])
        certificate = Certificate()
        self._udp_sender = UdpSender(self._socket, self._metrics, gso=probe_gso())
        self._mux = UdpMux(self._socket, self._udp_sender, self._metrics, clock)
        self._bus = Bus(config.redis_url, config.relay, self._metrics)
        context = RelayContext(
            relay=config.relay,
            udp_sender=self._udp_sender,
            certificate=certificate,
            metrics=self._metrics,
            clock=clock,
            later=self._loop.call_later,
            endpoint=Endpoint(config.addresses, self._port, certificate.fingerprint),
            web=self._bus,
            max_publishers=config.max_publishers,
            source_limits=config.source_limits,
        )
        self._cascade = Cascade(self._bus.redis, config.relay, self._metrics)
        self._requests = RelayRequestHandler(context, self._mux, self._cascade, config.max_peers)
        self._metrics_port = 0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT, then close every peer and end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, self._stopping.set)
        page = await metrics.serve(self._config.metrics_port, self._page)
        # Before the first heartbeat, which says where the page is.
        self._metrics_port = metrics.port_of(page)
        # Before requests are read: a peer may answer an offer at once.
        self._mux.start(self._loop)
        ticker = asyncio.create_task(self._tick_forever(), name="ticker")
        # Redis may be away for as long as it likes; SIGTERM need not wait for it.
        connecting = asyncio.create_task(self._connect(), name="connecting")
        stopping = asyncio.create_task(self._stopping.wait(), name="stopping")
        try:
            await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if connecting.done():
                await connecting  # It raises what went wrong.
            else:
                connecting.cancel()
            await stopping
            log.info("Relay %s drains %d peers.", self._config.relay, len(self._requests.peers))
            self._requests.drain()
            try:
                async with asyncio.timeout(SHUTDOWN_S):
                    # It says that we drain, so that the web sends nobody here any more.
                    await self._bus.send_heartbeat(self._node())
                    await self._bus.flush_messages()
                    await self._cascade.stop()
                    await self._bus.stop()
            except TimeoutError:
                log.warning(
                    "Redis did not take our last messages; our entries there expire by themselves."
                )
        finally:
            for task in (ticker, connecting, stopping):
                task.cancel()
            await asyncio.gather(ticker, return_exceptions=True)
            self._mux.stop(self._loop)
            page.close()
            self._socket.close()

    async def _connect(self) -> None:
        """Begin to take requests."""
        await self._bus.start(self._requests.handle, self._node)
        self._cascade.start(self._requests.on_home_moved)
        # What is alive now lives as long as the process; the collector need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        if are_loopback(self._config.addresses):
            log.warning(
                "This machine has no address but loopback, and Firefox connects to no loopback "
                "address. Connect the machine to any network and start again, or set "
                "media.peerconnection.ice.loopback to true in about:config."
            )
        elif self._config.interface:
            log.info(
                "Media is for browsers on this machine alone; RELAY_ADDRESSES opens it to others."
            )
        log.info(
            "Relay %s is ready: UDP %d at %s, metrics at http://127.0.0.1:%d/metrics, GSO %s.",
            self._config.relay,
            self._port,
            ", ".join(self._config.addresses),
            self._metrics_port,
            "on" if self._udp_sender.gso else "off",
        )

    async def _tick_forever(self) -> None:
        handshakes_ms = consents_ms = 0
        while True:
            # Without peers nothing is due, and the processor may sleep.
            interval = TICK_MS if self._requests.peers else IDLE_TICK_MS
            due = self._clock() + interval
            await asyncio.sleep(interval / 1000)
            now_ms = self._clock()
            self._metrics.tick_late_ms.add(max(0, now_ms - due))
            self._mux.tick(now_ms)
            self._requests.tick(now_ms)
            if now_ms - handshakes_ms >= HANDSHAKE_TICK_MS:
                handshakes_ms = now_ms
                self._requests.tick_handshakes(now_ms)
            if now_ms - consents_ms >= CONSENT_TICK_MS:
                consents_ms = now_ms
                self._requests.tick_consents(now_ms)

    def _node(self) -> Node:
        """Return what the heartbeat says; called once for each."""
        self._cpu_now = self._cpu.read()
        self._load += (self._cpu_now - self._load) * CPU_WEIGHT
        # Once full, it stays so until the load is well below: else peers come in waves.
        limit = self._config.full_cpu - (FULL_HYSTERESIS if self._requests.is_full else 0)
        self._requests.is_full = self._load > limit
        return Node(
            relay=self._config.relay,
            address=self._config.addresses[0],
            port=self._port,
            peers=len(self._requests.peers),
            cpu=round(self._cpu_now, 3),
            draining=self._requests.is_draining,
            full=self._requests.is_full or len(self._requests.peers) >= self._config.max_peers,
            metrics_port=self._metrics_port,
        )

    def _page(self) -> bytes:
        """Return the metrics as Prometheus reads them."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        gauges = {
            "peers": len(self._requests.peers),
            "rooms": len(self._requests.rooms),
            "addresses": self._mux.addresses,
            "cpu_share": self._cpu_now,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "resident_bytes": metrics.resident_bytes(),
            "gso": float(self._udp_sender.gso),
            "draining": float(self._requests.is_draining),
        }
        return metrics.render(self._metrics, gauges)
