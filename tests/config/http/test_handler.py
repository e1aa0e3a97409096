"""The way from the web server into Django."""

import threading
from io import BytesIO
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core import signals
from django.http import FileResponse, HttpRequest, HttpResponse

from config.http import monitoring
from config.http.handler import Handler

PATH = "/healthz"  # Answered before anything asks the database.


def asked() -> Any:  # Any: a communicator has no types.
    scope = {
        **{"type": "http", "http_version": "1.1", "method": "GET", "path": PATH},
        **{"query_string": b"", "headers": [(b"host", b"localhost")]},
    }
    page: Any = ApplicationCommunicator
    return page(Handler(), scope)


async def answer_to(page: Any) -> tuple[int, bytes]:
    await page.send_input({"type": "http.request"})
    start = await page.receive_output()
    body = b""
    is_more = True
    while is_more:
        part = await page.receive_output()
        body, is_more = body + part.get("body", b""), part.get("more_body", False)
    return start["status"], body


async def test_it_does_all_of_a_request_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def note(*_args: object, **_signal: object) -> HttpResponse:
        threads.append(threading.get_ident())
        return HttpResponse("Here I am.")

    monkeypatch.setitem(monitoring.ANSWERS, PATH, note)
    signals.request_started.connect(note)
    signals.request_finished.connect(note)
    try:
        assert await answer_to(asked()) == (200, b"Here I am.")
    finally:
        signals.request_started.disconnect(note)
        signals.request_finished.disconnect(note)
    assert len(threads) == 3
    assert len(set(threads)) == 1 and threading.get_ident() not in threads


async def test_it_sends_a_file_and_closes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    file = BytesIO(b"x" * 100_000)

    def send(request: HttpRequest) -> FileResponse:
        return FileResponse(file)

    monkeypatch.setitem(monitoring.ANSWERS, PATH, send)
    page = asked()
    assert await answer_to(page) == (200, b"x" * 100_000)
    await page.wait()
    assert file.closed


async def test_it_lets_go_of_who_has_gone_away(monkeypatch: pytest.MonkeyPatch) -> None:
    is_let = threading.Event()

    def wait(request: HttpRequest) -> HttpResponse:
        assert is_let.wait(10)
        return HttpResponse()

    monkeypatch.setitem(monitoring.ANSWERS, PATH, wait)
    page = asked()
    await page.send_input({"type": "http.request"})
    await page.send_input({"type": "http.disconnect"})
    is_let.set()
    await page.wait()
    assert page.output_queue.empty()
