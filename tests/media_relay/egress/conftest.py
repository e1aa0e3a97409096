"""A Valkey, a relay and as many egress processes as a test wants."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.media_relay.blackbox.conftest import (  # noqa: F401  # Fixtures, used by name.
    bus,
    identity,
    light,
    relay,
    scene,
    shared_relay,
    valkey,
)
from tests.media_relay.blackbox.harness import Scene
from tests.media_relay.egress.process import EgressProcess, Web
from tests.stack.valkey import Valkey

StartEgress = Callable[[], EgressProcess]


@pytest.fixture
def start_egress(valkey: Valkey, tmp_path: Path) -> Iterator[StartEgress]:  # noqa: F811
    """Return a function that starts an egress; all share one data folder, as on one machine."""
    started: list[EgressProcess] = []

    def start() -> EgressProcess:
        started.append(EgressProcess(valkey.url, tmp_path / "data"))
        return started[-1].start()

    yield start
    for egress in started:
        if egress.is_alive:
            assert egress.stop() == 0, egress.log
        assert "Traceback" not in egress.log, egress.log


@pytest.fixture
async def web(valkey: Valkey, scene: Scene) -> AsyncIterator[Web]:  # noqa: F811
    web = await Web(valkey.url, scene.space).start()
    yield web
    await web.close()
