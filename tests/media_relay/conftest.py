"""What tests of the relay without its process share: its port, and a client at it."""

from collections.abc import Iterator

import pytest

from tests.media_relay.transport.wire import Client, Port


@pytest.fixture
def port() -> Iterator[Port]:
    port = Port()
    yield port
    port.close()


@pytest.fixture
def client(port: Port) -> Client:
    return Client(port, port.open()[0])
