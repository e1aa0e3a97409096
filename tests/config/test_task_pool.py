"""What a worker's child sends back, in pieces, while the worker loses its broker."""

import os
import pickle
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from config.task_pool import ResultHandler

RESULT = ("READY", "x" * 3000)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    yield reading, writing
    os.close(reading)
    os.close(writing)


# Any: Celery's handler and what goes through it have no types.
def handler(children: dict[int, object]) -> Any:
    """Return one without a pool: it only reads."""
    made: Any = ResultHandler.__new__(ResultHandler)
    made.fileno_to_outq, made._begun = children, {}
    made.handle_event = lambda fd: None
    made.got = []
    return made


def message() -> bytes:
    body = pickle.dumps(RESULT)
    return struct.pack(">i", len(body)) + body


def read(handler: Any, fd: int) -> list[Any]:
    """Return what arrives in one go of an event loop that then forgets its readers."""
    handler.got.clear()
    reading = handler._recv_message(lambda *reader: None, fd, handler.got.append)
    next(reading, None)
    reading.close()
    return list(handler.got)


def test_it_goes_on_in_a_result_that_the_event_loop_has_forgotten(pipe: tuple[int, int]) -> None:
    fd, writing = pipe
    results = handler({fd: object()})
    whole = message()
    os.write(writing, whole[:2])
    assert read(results, fd) == []
    os.write(writing, whole[2:1000])
    assert read(results, fd) == []
    os.write(writing, whole[1000:] + whole)
    assert read(results, fd) == [RESULT]
    assert read(results, fd) == [RESULT]


def test_it_begins_anew_with_another_child(pipe: tuple[int, int]) -> None:
    fd, writing = pipe
    children: dict[int, object] = {fd: object()}
    results = handler(children)
    os.write(writing, message()[:1000])
    assert read(results, fd) == []
    children[fd] = object()
    os.write(writing, message())
    assert read(results, fd) == [RESULT]


def test_it_begins_anew_after_a_result_that_is_none(pipe: tuple[int, int]) -> None:
    fd, writing = pipe
    results = handler({fd: object()})
    os.write(writing, struct.pack(">i", 3) + b"???" + message())
    with pytest.raises(pickle.UnpicklingError):
        read(results, fd)
    assert read(results, fd) == [RESULT]
