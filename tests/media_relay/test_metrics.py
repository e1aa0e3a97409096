"""The page for Prometheus, as its own parser reads it, and the server behind it."""

import asyncio

from prometheus_client.parser import text_string_to_metric_families

from media_relay import metrics as relay_metrics
from media_relay.metrics import CpuMeter, Drop, Histogram, Metrics, render


def samples(page: bytes) -> dict[tuple[str, str], float]:
    found = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            found[sample.name, ",".join(sample.labels.values())] = sample.value
    return found


def test_it_names_every_reason_for_a_drop() -> None:
    metrics = Metrics()
    metrics.drop(Drop.RTP_NOT_ALLOWED)
    found = samples(render(metrics, {"peers": 3}))
    assert found["relay_drops_total", "rtp_not_allowed"] == 1
    assert {reason for name, reason in found if name == "relay_drops_total"} == {
        str(reason) for reason in Drop
    }
    assert found["relay_peers", ""] == 3


def test_it_shows_every_plain_counter() -> None:
    metrics = Metrics()
    metrics.rtp_out = 7
    found = samples(render(metrics, {}))
    assert found["relay_rtp_out_total", ""] == 7
    assert found["relay_peers_opened_total", ""] == 0


def test_it_folds_unknown_reasons_so_that_the_table_cannot_grow() -> None:
    metrics = Metrics()
    for reason in ("consent_lost", "made up 1", "made up 2"):
        metrics.closed(reason)
    assert metrics.peers_closed == {"consent_lost": 1, "other": 2}


def test_it_counts_durations_in_buckets() -> None:
    metrics = Metrics()
    metrics.fanout_us = histogram = Histogram((10, 100))
    for value in (1, 10, 11, 1000):
        histogram.add(value)
    found, name = samples(render(metrics, {})), "relay_fanout_microseconds"
    assert [found[f"{name}_bucket", edge] for edge in ("10", "100", "+Inf")] == [2, 3, 4]
    assert (found[f"{name}_sum", ""], found[f"{name}_count", ""]) == (1022, 4)


def test_it_measures_the_share_of_a_core() -> None:
    cpu, wall = iter([0.0, 1.0]), iter([0.0, 4.0])
    assert CpuMeter(lambda: next(cpu), lambda: next(wall)).read() == 0.25


async def ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def test_it_serves_the_page_and_nothing_else() -> None:
    server = await relay_metrics.serve(0, lambda: b"relay_peers 0\n")
    port = relay_metrics.port_of(server)
    assert (await ask(port, b"GET /metrics HTTP/1.1\r\n\r\n")).endswith(b"\r\n\r\nrelay_peers 0\n")
    assert (await ask(port, b"GET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 404")
    assert await ask(port, b"\xff" * 100_000) == b""
    assert await ask(port, b"half a requ") == b""
    server.close()
