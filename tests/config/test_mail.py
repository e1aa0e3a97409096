"""A mail server that keeps who sends: the whole of it has a deadline."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.core import mail

from config import mail as own_mail
from tests.stack.waiting import wait_until

SOON_S = 1.0
BUSY_S = 1.0
DROP_S = 0.2


@contextmanager
def mail_server(replies: list[bytes], *, drips: bool) -> Iterator[int]:
    """Answer each line with the next of `replies`; then drop by drop for ever, or with 250."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            client, _address = listener.accept()
            with client, client.makefile("rb") as lines:
                for reply in replies:
                    client.sendall(reply)
                    lines.readline()
                while drips and not over.wait(DROP_S):
                    client.sendall(b"2")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.mark.parametrize("is_tls", [False, True], ids=["plain", "TLS"])
@pytest.mark.parametrize(
    "replies", [[], [b"220 mail\r\n"], [b"220 mail\r\n", b"250 mail\r\n"]], ids=len
)
def test_it_ends_in_time(
    monkeypatch: pytest.MonkeyPatch, replies: list[bytes], *, is_tls: bool
) -> None:
    monkeypatch.setattr(own_mail, "TOTAL_S", SOON_S)
    with mail_server(replies, drips=True) as port:
        backend = own_mail.EmailBackend("127.0.0.1", port, use_ssl=is_tls, timeout=10)
        letter = mail.EmailMessage("Subject", "Body", "a@example.org", ["b@example.org"])
        began = time.monotonic()
        with pytest.raises(OSError):
            backend.send_messages([letter])
        assert time.monotonic() - began < SOON_S + BUSY_S


def test_it_sends_and_leaves_nothing_behind() -> None:
    polite = [b"220 mail\r\n", b"250 mail\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"]
    before = threading.enumerate()
    with mail_server(polite, drips=False) as port:
        backend = own_mail.EmailBackend("127.0.0.1", port, timeout=5)
        backend.open()
        connection = backend.connection
        assert connection is not None
        assert connection.noop()[0] == 250
        backend.close()
    # The clock of the connection ends by itself, not in this very moment.
    wait_until(lambda: set(threading.enumerate()) <= set(before), "no thread is left")
