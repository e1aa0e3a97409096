"""Which egress serves a Space, and what it costs when nobody wants anything."""

import time
from pathlib import Path

import redis

from media_relay.egress.lease import lease_key
from media_relay.protocol.egress import EGRESS_CHANGED, EGRESS_SPACES_KEY, wanted_key
from media_relay.protocol.relay import slots_channel
from tests.bench.meter import read_cpu
from tests.media_relay.egress.conftest import StartEgress
from tests.media_relay.egress.process import EgressProcess, Web
from tests.stack.valkey import Valkey
from tests.stack.waiting import stays, until


async def test_it_serves_a_space_once_and_hands_it_over_when_it_is_told_to_end(
    valkey: Valkey, web: Web, start_egress: StartEgress
) -> None:
    by_name = {egress.name: egress for egress in (start_egress(), start_egress())}
    with redis.Redis.from_url(valkey.url, decode_responses=True) as client:

        def readers() -> int:
            ((_, count),) = client.pubsub_numsub(slots_channel(web.space))
            return int(count)

        await web.want(captions=True, language="id")
        await until(lambda: readers() == 1, "one reads", 5)
        await stays(lambda: readers() <= 1, "never two", 1.2)
        first = str(client.get(lease_key(web.space)))
        begun = time.monotonic()
        assert by_name[first].stop() == 0
        await until(
            lambda: client.get(lease_key(web.space)) not in (None, first), "the other has it", 5
        )
        assert time.monotonic() - begun < 4, "Nobody has to wait for a lease that was given back."
        await until(lambda: readers() == 1, "it reads", 5)
        await web.want()
        await until(
            lambda: readers() == 0 and client.get(lease_key(web.space)) is None, "it lets go", 5
        )


async def test_it_forgets_a_space_that_nobody_speaks_for(
    valkey: Valkey, web: Web, start_egress: StartEgress
) -> None:
    start_egress()
    with redis.Redis.from_url(valkey.url) as client:
        await web.want(captions=True, language="id")
        await until(lambda: client.get(lease_key(web.space)), "it is served", 5)
        client.set(wanted_key(web.space), b"not JSON")
        client.publish(EGRESS_CHANGED, web.space)
        await until(
            lambda: client.get(lease_key(web.space)) is None, "what cannot be read is not served", 5
        )
        client.delete(wanted_key(web.space))
        client.publish(EGRESS_CHANGED, web.space)
        await until(
            lambda: not client.sismember(EGRESS_SPACES_KEY, web.space), "it is struck off", 5
        )


async def test_it_records_without_captions_where_no_engine_is_installed(
    valkey: Valkey, web: Web, tmp_path: Path
) -> None:
    """As on Python 3.14, for which pocketsphinx has no wheel."""
    egress = EgressProcess(valkey.url, tmp_path, without="pocketsphinx").start()
    try:
        await web.want(captions=True, recording="rec-1", consented=("alice",))
        await web.expect_status(status="unavailable", reason="no_engine")
        await web.expect_status(recording="rec-1", state="recording")
        await web.want()
        await web.expect_status(recording="rec-1", state="stopped")
    finally:
        assert egress.stop() == 0
    assert "Traceback" not in egress.log, egress.log


async def test_it_costs_next_to_nothing_while_nobody_wants_anything(
    start_egress: StartEgress,
) -> None:
    egress = start_egress()
    before = read_cpu(egress.pid)
    await stays(lambda: egress.is_alive, "it lives", 1.5)
    assert read_cpu(egress.pid).since(before).share < 0.05


async def test_it_goes_on_when_what_is_wanted_is_lost_without_a_word(
    valkey: Valkey, web: Web, start_egress: StartEgress
) -> None:
    """A Redis that began anew knows of nothing wanted; the web's next sweep says it again."""
    start_egress()
    with redis.Redis.from_url(valkey.url) as client:
        await web.want(captions=True, language="id")
        await until(lambda: client.get(lease_key(web.space)), "it is served", 5)
        client.delete(wanted_key(web.space))
        client.srem(EGRESS_SPACES_KEY, web.space)
        await stays(lambda: client.get(lease_key(web.space)), "it is served on", 2.5)
        await web.want()
        await until(
            lambda: client.get(lease_key(web.space)) is None, "until the web has said so", 5
        )
