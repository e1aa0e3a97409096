"""The web server of one process: Daphne, and how it begins and ends.

On SIGTERM it takes no new connection, answers what was asked, closes each socket with 1012, so that
its page comes back at another process, and exits 0. Whatever takes longer than `DRAIN_S` is cut.
"""

import asyncio
import logging
import os
import random
import signal
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from django.urls import get_resolver
from twisted.internet import reactor as installed
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from config.web_server.service_manager import notify

DRAIN_S = 10.0
# So long nothing may be left to do: a connection that was taken last brings its request yet.
QUIET_S = 0.5
LOOK_EVERY_S = 0.05
# A thousand pages come back one after the other; a few wait for nobody.
SPREAD_PER_SOCKET_S, SPREAD_MAX_S = 0.004, 4.0
SERVICE_RESTART = 1012  # IANA, WebSocket Close Code Number Registry.
ACCEPTED_AT_LAST = 4096  # No backlog is longer (net.core.somaxconn).
log = logging.getLogger(__name__)
# Any: Twisted types the interface, whose functions it declares without `self`.
reactor: Any = installed


class WebServer(Server):  # type: ignore[misc]  # Daphne has no types.
    """`run` serves until SIGTERM or SIGINT."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Daphne's own.
        super().__init__(*args, **kwargs)
        self._ports: list[Any] = []  # Any: Twisted's listening ports.
        self._ending: asyncio.Task[None] | None = None
        self._sent_on: set[WebSocketProtocol] = set()

    def run(self) -> None:
        """Serve; the process ends here (`_end`)."""
        # The first visitor does not wait for the imports of all views.
        get_resolver().url_patterns  # noqa: B018  # Loaded by being asked for.
        loop = reactor._asyncioEventloop
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._begin_to_end)
        super().run()

    def listen_success(self, port: Any) -> None:  # Any: Twisted's listening port.
        super().listen_success(port)
        self._ports.append(port)
        notify("READY=1")

    async def handle_reply(self, protocol: Any, message: Any) -> None:  # Any: Daphne's own.
        """Pass an answer on; what is said to a page that was sent on comes with its next socket."""
        # Autobahn raises at what is sent after the close frame.
        if protocol in self._sent_on and protocol.state != WebSocketProtocol.STATE_OPEN:
            return
        await super().handle_reply(protocol, message)

    # --- the end ----------------------------------------------------------------------------------

    def _begin_to_end(self) -> None:
        if self._ending is None:
            loop = asyncio.get_running_loop()
            self._ending = loop.create_task(self._end(), name="drain")

    async def _end(self) -> None:
        notify("STOPPING=1")
        for port in self._ports:
            _shut(port)
        loop = asyncio.get_running_loop()
        until, quiet_since = loop.time() + DRAIN_S, loop.time()
        while loop.time() < until and loop.time() - quiet_since < QUIET_S:
            self._send_pages_on()
            await asyncio.sleep(LOOK_EVERY_S)
            if self._is_busy():
                quiet_since = loop.time()
        unfinished = self._unfinished()
        if unfinished:
            sockets = sum(isinstance(one, WebSocketProtocol) for one in unfinished)
            requests = len(unfinished) - sockets
            log.warning("%d requests and %d sockets took too long, cut", requests, sockets)
        # Python would wait for its threads, and those of requests that are cut wait for this loop.
        logging.shutdown()
        os._exit(0)

    def _send_pages_on(self) -> None:
        """Close each socket, once, at a moment of its own: pages come back one by one."""
        loop = asyncio.get_running_loop()
        sockets = [one for one in self.connections if isinstance(one, WebSocketProtocol)]
        spread_s = min(SPREAD_MAX_S, SPREAD_PER_SOCKET_S * len(sockets))
        for socket in sockets:
            if socket.state == WebSocketProtocol.STATE_OPEN and socket not in self._sent_on:
                self._sent_on.add(socket)
                loop.call_later(random.random() * spread_s, _send_on, socket)

    def _is_busy(self) -> bool:
        # Writers have bytes of an answer that its reader has not taken yet.
        return bool(self._unfinished() or reactor.getWriters())

    def _unfinished(self) -> list[Any]:  # Any: Daphne's connections.
        """Return what is still asked or answered; a socket until its room was told that it goes."""
        return [
            protocol
            for protocol, details in self.connections.items()
            if not ("application_instance" in details and details["application_instance"].done())
            and not ("disconnected" in details and "application_instance" not in details)
        ]


def _shut(port: Any) -> None:  # Any: a Twisted listening port.
    """Take the connections that wait, then no more. Without a turn of the loop in between, in which
    one more could come and be reset.
    """
    port.stopReading()
    port.numberAccepts = ACCEPTED_AT_LAST
    port.doRead()
    # Twisted leaves it untyped.
    port.connectionLost(Failure(ConnectionDone()))  # type: ignore[no-untyped-call]


def _send_on(socket: WebSocketProtocol) -> None:
    if socket.state == WebSocketProtocol.STATE_OPEN:
        # `sendClose` lets an application say no code below 3000; this one is the server's to say.
        socket.sendCloseFrame(code=SERVICE_RESTART, isReply=False)
