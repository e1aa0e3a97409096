import asyncio
import errno
import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from media_relay.egress.recording import recorder as module
from media_relay.egress.recording.log import (
    LoggedCaption,
    LogRecord,
    RecordKind,
    Segment,
    parse_caption,
    read,
    segments,
)
from media_relay.egress.recording.recorder import Recorder
from media_relay.egress.slot_map import NOBODY, VIDEO, SlotMap, parse_users
from media_relay.protocol.egress import Caption, RecordingStatus
from tests.media_relay.egress.studio import Coder, Rtp
from tests.stack.waiting import until


class Rig:
    """A recorder with a clock and a slot map in the test's hands."""

    def __init__(self, folder: Path) -> None:
        self.now_us = 1_000_000
        self.slots = SlotMap()
        self.told: list[RecordingStatus] = []
        self.folder = folder
        self.recorder = Recorder(
            folder, "egress-a", lambda: self.now_us, self.slots, self.told.append
        )

    async def start(self, *consented: str) -> None:
        await self.recorder.start("space-1", consented)

    def assign(self, audio: Sequence[str] = (), video: str | None = None) -> None:
        first, second, third = (*audio, None, None, None)[:3]
        self.slots.take(replace(NOBODY, audio=(first, second, third), video=video))
        self.recorder.on_assigned()

    async def records(self) -> list[LogRecord]:
        await self.recorder.stop("stopped")
        return list(read(segments(self.folder)[0]))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "recordings" / "rec-1")


def of(records: list[LogRecord], kind: RecordKind) -> list[LogRecord]:
    return [record for record in records if record.kind is kind]


async def test_it_records_only_those_who_consented(rig: Rig) -> None:
    await rig.start("alice")
    rig.assign(audio=["alice", "bob"])
    rig.recorder.on_packets([(0, b"hers"), (1, b"his"), (2, b"nobody's"), (9, b"no slot's")])
    rig.recorder.on_reports([(0, b"her report"), (1, b"his report")])
    rig.recorder.on_caption(Caption("bob", "1", "his words", True, 0))
    rig.recorder.on_caption(Caption("alice", "2", "not yet said", False, 0))
    rig.recorder.on_caption(Caption("alice", "2", "her words", True, 0))
    records = await rig.records()
    assert [record.content for record in of(records, RecordKind.PACKETS)] == [b"\0\0\4hers"]
    assert [record.content for record in of(records, RecordKind.REPORTS)] == [b"\0\0\x0aher report"]
    lines = [parse_caption(record.content) for record in of(records, RecordKind.CAPTION)]
    assert lines == [LoggedCaption("alice", "2", "her words", True, 0)]


async def test_it_says_how_it_began_and_ended(rig: Rig) -> None:
    await rig.start("alice")
    rig.now_us += 5_000_000
    records = await rig.records()
    assert records[0].json() == {"space": "space-1", "recording": "rec-1", "egress": "egress-a"}
    assert records[-1].json() == {"reason": "stopped"}
    assert [(status.state, status.duration_ms) for status in rig.told] == [
        ("recording", 0),
        ("stopped", 5000),
    ]


async def test_it_keeps_its_end_when_it_stops_in_the_middle_of_a_write(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_writing, may_go_on = threading.Event(), threading.Event()
    write = Segment.write

    def slow_write(segment: Segment, data: bytes) -> None:
        is_writing.set()
        may_go_on.wait()
        write(segment, data)

    monkeypatch.setattr(Segment, "write", slow_write)
    await rig.start("alice")
    await asyncio.to_thread(is_writing.wait)
    stopped = asyncio.create_task(rig.recorder.stop("stopped"))
    await asyncio.sleep(0)  # It has put its end down and waits for the write.
    may_go_on.set()
    await stopped
    assert list(read(segments(rig.folder)[0]))[-1].json() == {"reason": "stopped"}


@pytest.mark.parametrize("consented", ["bob", "alice"])
async def test_it_gives_a_new_picture_the_name_that_comes_after_its_first_packets(
    rig: Rig, consented: str
) -> None:
    """The home tells who is shown up to 50 ms after the key frame went out."""
    await rig.start(consented)
    rig.assign(video="alice")
    camera, stream = Coder(), Rtp(5, 96)
    first, second = (
        stream.picture(camera.frame((9, 9, 9), key=key), 0, 0)[0] for key in (True, False)
    )
    rig.now_us += 1_000_000
    rig.recorder.on_packets([(VIDEO, first)])
    rig.now_us += 30_000
    rig.recorder.on_packets([(VIDEO, second)])
    rig.now_us += 10_000
    rig.assign(video="bob")
    records = await rig.records()
    told = [
        (record.at_us, parse_users(record.content).video)
        for record in of(records, RecordKind.ASSIGNED)
    ]
    assert told == [(1_000_000, None), (1_000_000, "alice"), (2_000_000, "bob")]
    packets = [(record.at_us, record.content[3:]) for record in of(records, RecordKind.PACKETS)]
    assert packets == ([(2_000_000, first), (2_030_000, second)] if consented == "bob" else [])


async def test_it_goes_on_with_the_same_name_when_no_other_comes(rig: Rig) -> None:
    await rig.start("alice")
    rig.assign(video="alice")
    stream, camera = Rtp(5, 96), Coder()
    packets = [stream.picture(camera.frame((9, 9, 9), key=i == 0), 0, i)[0] for i in range(3)]
    for packet in packets:
        rig.recorder.on_packets([(VIDEO, packet)])
        rig.now_us += 200_000
    records = await rig.records()
    assert [record.content[3:] for record in of(records, RecordKind.PACKETS)] == packets


async def test_it_keeps_notes_as_they_are_but_not_huge_ones(rig: Rig) -> None:
    await rig.start("alice")
    rig.recorder.on_note(b'{"pin": 1}')
    rig.recorder.on_note(json.dumps({"pin": "x" * 5000}).encode())
    assert [record.content for record in of(await rig.records(), RecordKind.NOTE)] == [
        b'{"pin": 1}'
    ]


def _full_disk(code: int) -> Callable[[int, memoryview], int]:
    def write(_file: int, _data: memoryview) -> int:
        raise OSError(code, os.strerror(code))

    return write


@pytest.mark.parametrize(
    ("code", "reason"), [(errno.ENOSPC, "disk_full"), (errno.EIO, "disk_error")]
)
async def test_it_stops_when_the_disk_takes_no_more(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, code: int, reason: str
) -> None:
    monkeypatch.setattr(module, "FLUSH_S", 0.02)
    await rig.start("alice")
    rig.assign(audio=["alice"])
    rig.recorder.on_packets([(0, b"kept")])
    await until(lambda: rig.recorder.status.size_bytes, "it is on the disk", 5)
    kept = list(read(segments(rig.folder)[0]))
    monkeypatch.setattr(os, "write", _full_disk(code))
    rig.recorder.on_packets([(0, b"lost")])
    await until(lambda: rig.told[-1].state == "failed", "it fails", 5)
    monkeypatch.undo()
    rig.recorder.on_packets([(0, b"too late")])
    assert (rig.told[-1].state, rig.told[-1].reason) == ("failed", reason)
    records = await rig.records()
    assert records == kept, "What was there before stays readable, nothing is added."
    assert rig.told[-1].state == "failed"


async def test_it_does_not_begin_on_a_nearly_full_disk(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_FREE_BYTES", 1 << 62)
    await rig.start("alice")
    assert [(status.state, status.reason) for status in rig.told] == [("failed", "disk_full")]
    assert not rig.folder.exists()
    await rig.recorder.stop("stopped")


async def test_it_does_not_begin_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "recordings").write_text("a file is in the way")
    rig = Rig(tmp_path / "recordings" / "rec-1")
    await rig.start("alice")
    assert rig.told[-1].state == "failed"
