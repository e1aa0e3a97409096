from media_relay.egress.captions.endpoint import level_dbfs
from media_relay.egress.captions.opus_decoder import LONGEST_SILENCE_MS, MS_BYTES, OpusDecoder
from tests.media_relay.egress.studio import STEP, beeps, opus

PACKETS = list(opus(beeps(1000, 1000, 900)))


def test_it_hears_a_stream_without_a_hole() -> None:
    decoder = OpusDecoder()
    pcm = b"".join(decoder.hear(packet, index * STEP) for index, packet in enumerate(PACKETS[:40]))
    assert abs(len(pcm) // MS_BYTES - 800) <= 20
    assert level_dbfs(pcm) > -20


def test_it_fills_what_was_not_sent_once() -> None:
    """Whether the clock or the next timestamp tells of the silence, it is heard once."""
    decoder = OpusDecoder()
    for index in range(10):
        decoder.hear(PACKETS[index], index * STEP)
    by_clock = sum(len(decoder.rest(ms)) for ms in (100, 200, 300))
    late = decoder.hear(PACKETS[10], (10 + 20) * STEP)
    assert by_clock // MS_BYTES == 300
    assert abs(len(late) // MS_BYTES - (400 - 300 + 20)) <= 2


def test_it_bounds_silence_and_ignores_what_is_late_or_damaged() -> None:
    decoder = OpusDecoder()
    decoder.hear(PACKETS[0], 0)
    assert len(decoder.rest(60_000)) // MS_BYTES == LONGEST_SILENCE_MS
    assert len(decoder.hear(PACKETS[1], 90 * 48_000)) // MS_BYTES <= 25
    assert decoder.hear(PACKETS[2], 90 * 48_000) == b"", "It was there before."
    assert decoder.hear(b"", 91 * 48_000) == b""
    assert decoder.hear(b"\xff" * 40, 91 * 48_000 + STEP) in (b"", decoder.rest(0))


def test_it_hears_on_when_timestamps_wrap() -> None:
    decoder = OpusDecoder()
    pcm = b"".join(
        decoder.hear(packet, (0xFFFF_FFFF - 5 * STEP + i * STEP) & 0xFFFF_FFFF)
        for i, packet in enumerate(PACKETS[:20])
    )
    assert abs(len(pcm) // MS_BYTES - 400) <= 20
