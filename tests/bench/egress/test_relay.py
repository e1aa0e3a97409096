from pathlib import Path

import pytest

from tests.bench.egress import relay
from tests.bench.shapes import VIDEO
from tests.media_relay.blackbox.harness import running_relay
from tests.stack.valkey import Valkey


async def test_it_measures_two_relays_at_the_same_time(
    own_valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bench itself with a handful of listeners: whatever it says of them, it has delivered and
    recorded.
    """
    monkeypatch.setattr(relay, "SAMPLES", 3)
    with running_relay(own_valkey.url) as one, running_relay(own_valkey.url) as other:
        (row,) = await relay.measure((one, other), tmp_path, 4, (VIDEO,), 0.1)
    assert (row.shape, row.listeners, row.more.blocks) == ("audio + video", 4, 1)
    assert row.off_us > 0 and row.on_us > 0
    logs = list((tmp_path / "recordings").glob("bench-*/*.log"))
    assert len(logs) == 2 and all(log.stat().st_size > 10_000 for log in logs), (
        "Each was recorded in turn."
    )
