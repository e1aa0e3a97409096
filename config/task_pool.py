"""A worker's children, whose results arrive whole when the broker is lost meanwhile."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from celery.concurrency import asynpool, prefork


class ResultHandler(asynpool.ResultHandler):
    """Goes on where it was in a result that does not fit into one read, as a long traceback.

    Celery 5.7 forgets what it has of it when the worker lets go of its broker. It then takes the
    rest for the length of another, waits for more than there will ever be, and never gives that
    child anything again.
    """

    # Any: Celery names no types.
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # By the child's descriptor, which another child may have later.
        self._begun: dict[int, tuple[object, Iterator[None]]] = {}

    def _recv_message(
        self, add_reader: Callable[..., None], fd: int, callback: Callable[[Any], None]
    ) -> Iterator[None]:
        child = cast(Any, self).fileno_to_outq[fd]  # Any: not in the stubs, nor what is below.
        of_child, reading = self._begun.pop(fd, (None, iter(())))
        if of_child is not child:
            reading = cast(Any, super())._recv_message(add_reader, fd, callback)
        self._begun[fd] = (child, reading)
        try:
            # Not `yield from`, which would end the reading when this is thrown away.
            for _ in reading:
                yield
        except Exception:
            del self._begun[fd]
            raise
        del self._begun[fd]


class AsynPool(asynpool.AsynPool):
    ResultHandler = ResultHandler


class TaskPool(prefork.TaskPool):
    Pool = AsynPool
