"""A worker's link to its broker, which outlives every way in which the broker may be missing."""

from contextlib import suppress

from celery.worker import state
from celery.worker.consumer import Consumer


class BrokerConsumer(Consumer):
    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of a lost connection, so that Celery makes another.

        kombu 5.7 closes its channel twice: the first time it gives back what it holds, and fails,
        for the broker is away; the second time it has forgotten where the broker is, raises
        AttributeError, and the worker ends.
        """
        if self.connection is not None:
            with suppress(Exception):  # As Celery itself, which goes on to do the rest.
                self.connection.collect()
            self.connection._default_channel = None  # type: ignore[attr-defined]  # Not in stubs.
        super().on_connection_error_after_connected(exc)

    def on_close(self) -> None:
        """Count the places of the pool anew.

        Celery 5.7 lets go of what a child has been sent and has not confirmed, and with it of the
        place which that would have given back: after as many of them as there are children the
        worker takes work and does none.
        """
        super().on_close()
        places = self.controller.semaphore  # type: ignore[attr-defined]  # Not in stubs.
        if places is not None:
            places.value = max(0, places.initial_value - len(state.active_requests))
