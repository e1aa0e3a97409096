from pathlib import Path

import pytest

from media_relay.egress.recording.log import (
    MAGIC,
    LogRecord,
    RecordKind,
    Segment,
    read,
    segment_path,
    segments,
)

EVERYTHING = [
    (kind, f"{kind.name} content".encode(), 1_700_000_000_000_000 + i)
    for i, kind in enumerate(RecordKind)
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return segment_path(tmp_path / "rec", 1_700_000_000_000_000, "egress-a")


def write(path: Path, *records: tuple[RecordKind, bytes, int]) -> bytes:
    segment = Segment(path)
    for record in records:
        segment.append(*record)
    segment.write(segment.take())
    segment.close()
    return path.read_bytes()


def told(path: Path) -> list[tuple[RecordKind, bytes, int]]:
    return [(record.kind, record.content, record.at_us) for record in read(path)]


def test_it_reads_back_what_it_wrote(path: Path) -> None:
    data = write(path, *EVERYTHING)
    assert told(path) == EVERYTHING
    assert [record.offset for record in read(path)][-1] == len(data)


def test_it_reads_up_to_the_cut_wherever_a_process_died(path: Path) -> None:
    data = write(path, *EVERYTHING)
    whole = [record.offset for record in read(path)]
    for length in range(len(data)):
        path.write_bytes(data[:length])
        assert len(told(path)) == sum(offset <= length for offset in whole)


def test_it_reads_records_larger_than_its_buffer(path: Path) -> None:
    many = [(RecordKind.PACKETS, bytes([i % 256]) * 60_000, i) for i in range(50)]
    write(path, *many)
    assert told(path) == many


@pytest.mark.parametrize(
    "damage", [b"", b"not a log", MAGIC + bytes(500), MAGIC + b"P\xff\xff\xff\xff" + bytes(500)]
)
def test_it_stops_at_damage(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    assert told(path) == []


def test_it_lets_nobody_else_read_a_talk(path: Path) -> None:
    write(path, *EVERYTHING)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_it_orders_segments_by_their_begin(tmp_path: Path) -> None:
    for at_us, name in ((9_000_000_000, "z"), (10_000_000_000, "a"), (100_000_000_000, "b")):
        write(segment_path(tmp_path, at_us, name))
    assert [path.name.split("-")[1] for path in segments(tmp_path)] == ["z.log", "a.log", "b.log"]


@pytest.mark.parametrize(
    ("content", "value"), [(b'{"a": 1}', {"a": 1}), (b"[1]", {}), (b"\xff", {}), (b"", {})]
)
def test_it_gives_no_object_for_damage(content: bytes, value: dict[str, int]) -> None:
    assert LogRecord(RecordKind.NOTE, 0, content, 0).json() == value
