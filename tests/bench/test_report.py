from dataclasses import replace

from tests.bench.report import JanusRow, Row, render_janus

OURS = Row(400, 1, "audio", 20_000, 0.13, 6.5, 3.5, 3.4, 1.5, 5.1, 0.0, 0.0)
VIDEO_ROOM = JanusRow("VideoRoom", 400, "audio", 0.3, 13.0, 0.0, 0.0, 4.5)


def test_it_compares_each_plugin_with_the_relay_in_the_same_talk() -> None:
    streaming = replace(VIDEO_ROOM, plugin="Streaming", per_packet_us=10.0)
    other = replace(OURS, shape="talk in 720p", per_packet_us=3.0)
    table = render_janus("1.1.2", [VIDEO_ROOM, streaming], [other, OURS])[1]
    found = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [(cells[0], cells[5]) for cells in found] == [
        ("| VideoRoom", "0.50"),
        ("| Streaming", "0.65"),
    ]


def test_it_says_when_janus_took_too_little_to_tell() -> None:
    assert (
        "too little to tell"
        in render_janus("1.1.2", [replace(VIDEO_ROOM, per_packet_us=0.0)], [OURS])[1]
    )
