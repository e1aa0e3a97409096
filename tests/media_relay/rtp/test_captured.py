"""What Chromium 156 sent to a relay, decrypted: a voice, a camera, what it repeats and how it
probes the path.
"""

from pathlib import Path

from media_relay.rtp import extensions, rtx
from media_relay.rtp.packet import (
    header_length,
    marker,
    payload_range,
    payload_type,
    sequence_number,
)
from media_relay.rtp.payload import Vp8Descriptor
from media_relay.signalling.codecs import (
    EXT_ABS_SEND_TIME,
    EXT_AUDIO_LEVEL,
    EXT_MID,
    EXT_TRANSPORT_CC,
)
from media_relay.speaker.level import level_dbov

DATA = Path(__file__).parent / "data"
CAMERA_SSRC = 0xC590A2FF


def captured(name: str) -> bytearray:
    return bytearray((DATA / f"chromium-{name}.bin").read_bytes())


def test_it_reads_a_voice() -> None:
    data = captured("opus")
    assert payload_type(data) == 111
    level = extensions.find(data, len(data), EXT_AUDIO_LEVEL)
    assert level is not None
    assert level_dbov(data[level[0]]) == -127


def test_it_takes_the_extensions_off_a_voice_and_leaves_the_sound() -> None:
    data = captured("opus")
    start, end = payload_range(data, len(data))
    sound = bytes(data[start:end])
    length = extensions.strip(data, len(data))
    assert (length, header_length(data, length)) == (12 + len(sound), 12)
    assert bytes(data[12:length]) == sound


def test_it_reads_a_key_frame_and_the_publishers_mid() -> None:
    data, vp8 = captured("vp8-key-frame"), Vp8Descriptor()
    start, end = payload_range(data, len(data))
    vp8.read(data, start, end)
    assert (vp8.start_of_frame, vp8.key_frame) == (True, True)
    assert (vp8.picture_id, vp8.picture_id_bits, vp8.tl0picidx_offset) == (17_124, 15, 0)
    mid = extensions.find(data, len(data), EXT_MID)
    assert mid is not None
    assert bytes(data[mid[0] : mid[0] + mid[1]]) == b"6"


def test_it_reads_the_end_of_a_frame() -> None:
    data, vp8 = captured("vp8-end-of-frame"), Vp8Descriptor()
    vp8.read(data, *payload_range(data, len(data)))
    assert marker(data)
    assert (vp8.start_of_frame, vp8.picture_id) == (False, 17_148)
    assert extensions.find(data, len(data), EXT_ABS_SEND_TIME) is not None
    assert extensions.find(data, len(data), EXT_TRANSPORT_CC) is not None


def test_it_restores_a_repeated_packet() -> None:
    data, vp8 = captured("rtx"), Vp8Descriptor()
    length = rtx.restore(data, len(data), 96, CAMERA_SSRC)
    assert (length, payload_type(data), sequence_number(data)) == (len(data) - 2, 96, 0x0E62)
    vp8.read(data, *payload_range(data, length))
    assert vp8.picture_id == 17_124  # Of the key frame above.


def test_it_finds_nothing_in_a_probe() -> None:
    data = captured("rtx-probe")
    assert rtx.restore(data, len(data), 96, CAMERA_SSRC) == 0
