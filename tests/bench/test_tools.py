"""The measuring tools themselves: an instrument that lies proves nothing."""

import asyncio
import os
import socket
from collections.abc import Callable
from functools import partial

import aioice.stun
import pytest

from tests.bench import stun
from tests.bench.burner import burning
from tests.bench.meter import Reading, percentile, read_cpu, read_cpu_finely, socket_drops
from tests.bench.native import Messages
from tests.bench.peer import open_socket
from tests.bench.repair import nack, read_nacks
from tests.bench.sdp import MID_URI, Section, read_offer
from tests.bench.shaper import Line, Shaper
from tests.bench.shapes import Beat
from tests.bench.synthetic import Stream, stamp_of
from tests.media_relay.blackbox.light import asks_for_key_frame
from tests.stack.waiting import until, wait_until


def test_it_makes_checks_that_aioice_accepts() -> None:
    message = aioice.stun.parse_message(
        stun.binding_request("server:client", "secret-password-of-ice")
    )
    assert message.check_message_integrity(b"secret-password-of-ice")
    assert message.attributes["USERNAME"] == "server:client"
    assert "USE-CANDIDATE" in message.attributes


def test_it_makes_checks_that_fail_with_another_password() -> None:
    message = aioice.stun.parse_message(
        stun.binding_request("server:client", "secret-password-of-ice")
    )
    assert not message.check_message_integrity(b"another-password-of-ice")


@pytest.mark.parametrize("text", ["", "v=0\r\n", "v=0\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\n"])
def test_it_refuses_an_offer_without_a_way_to_the_relay(text: str) -> None:
    with pytest.raises(ValueError, match="The offer has no"):
        read_offer(text)


def test_it_finds_the_send_time_behind_padding() -> None:
    section = Section("5", "audio", "recvonly", {"opus": 111}, {MID_URI: 1}, [], [])
    packet = Stream(section, 7).speech()
    padded = bytes([packet[0] | 0x20]) + packet[1:] + b"\x00\x00\x03"
    assert stamp_of(padded) == stamp_of(packet)


def test_it_reads_the_nacks_it_writes() -> None:
    assert read_nacks(nack(1, 2, [65535, 0, 7])) == [(2, 65535), (2, 0), (2, 7)]


def test_it_reads_the_mask_of_a_nack_across_the_wrap() -> None:
    entry = nack(1, 2, [65534])[:-2] + b"\x00\x05"
    assert read_nacks(entry) == [(2, 65534), (2, 65535), (2, 1)]


def test_it_finds_a_key_frame_request_behind_a_report() -> None:
    report = b"\x80\xc9\x00\x01" + bytes(4)
    request = b"\x81\xce\x00\x02" + bytes(8)
    assert asks_for_key_frame(report + request)
    assert not asks_for_key_frame(report)


def test_it_counts_the_datagrams_that_wait() -> None:
    with open_socket() as sender, open_socket() as receiver:
        for size in (20, 30):
            sender.sendto(bytes([0x80, 96]) + bytes(size - 2), receiver.getsockname())
        messages = Messages(8, 16)
        assert messages.receive(receiver.fileno()) == 2
        assert messages.bytes_at(1, 2) == bytes([96, 96])
        assert messages.total_length(2) == 50
        assert messages.receive(receiver.fileno()) == 0


def test_it_catches_up_after_a_hiccup_but_not_after_a_stall() -> None:
    beat = Beat(50, 0.0)
    assert [beat.is_due(0.05) for _ in range(4)] == [True, True, True, False]
    assert beat.is_due(1.0)
    assert not beat.is_due(1.0)


def test_it_never_comes_due_without_a_pace() -> None:
    assert not Beat(0, 0.0).is_due(1e9)


def test_it_gives_percentiles_of_what_there_is() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([], 0.5) != percentile([], 0.5)


@pytest.mark.parametrize("read", [read_cpu, read_cpu_finely])
def test_it_reads_the_time_of_this_process(read: Callable[[int], Reading]) -> None:
    earlier = read(os.getpid())
    while read(os.getpid()).cpu_s == earlier.cpu_s:
        sum(range(10_000))
    assert read(os.getpid()).since(earlier).cpu_s > 0


def test_both_clocks_tell_much_the_same() -> None:
    coarse, fine = read_cpu(os.getpid()), read_cpu_finely(os.getpid())
    while read_cpu(os.getpid()).since(coarse).cpu_s < 0.3:
        sum(range(10_000))
    assert read_cpu_finely(os.getpid()).since(fine).cpu_s == pytest.approx(0.3, abs=0.1)


def test_it_tells_what_found_a_socket_full() -> None:
    with open_socket() as sender, open_socket() as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        port = receiver.getsockname()[1]
        assert socket_drops([port]) == 0
        for _ in range(50):
            sender.sendto(bytes(1000), receiver.getsockname())
        assert 0 < socket_drops([port]) < 50
        assert socket_drops([sender.getsockname()[1]]) == 0


def test_it_burns_other_peoples_share_and_stops() -> None:
    with burning(0.5) as children:
        assert len(children) == os.cpu_count()
        for child in children:
            wait_until(partial(lambda pid: read_cpu(pid).cpu_s > 0.1, child.pid), "a burner burns")
    assert all(child.poll() is not None for child in children)
    with burning(0.0) as children:
        assert children == []


async def test_it_loses_the_same_packets_for_the_same_seed() -> None:
    assert await _passed(seed=1) == await _passed(seed=1)
    assert await _passed(seed=1) != await _passed(seed=2)


async def _passed(seed: int) -> list[bytes]:
    """Send a hundred datagrams through a shaper that loses half and return what came out."""
    with open_socket() as relay, open_socket() as client:
        shaper = await Shaper(relay.getsockname(), up=Line(loss=0.5), seed=seed).start()
        for number in range(100):
            client.sendto(bytes([number]), shaper.address)
        await until(
            lambda: shaper.tally_up.passed + shaper.tally_up.lost == 100, "all went through"
        )
        shaper.close()
        loop = asyncio.get_running_loop()
        return [await loop.sock_recv(relay, 16) for _ in range(shaper.tally_up.passed)]
