"""Answers of real browsers, and everything that is not one."""

from pathlib import Path

import pytest

from media_relay.errors import ProtocolError
from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import MAX_SDP_BYTES
from media_relay.signalling.sdp import parse_answer

DATA = Path(__file__).parents[1] / "data"
ANSWERS = sorted(DATA.glob("answer-*.sdp"))
LISTENER = (DATA / "answer-chromium-156-listener.sdp").read_bytes().decode()
EVERYTHING = frozenset(MediaKind)


def code_for(text: str) -> str:
    with pytest.raises(ProtocolError) as caught:
        parse_answer(text)
    return caught.value.code


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_it_reads_what_real_clients_answer(path: Path) -> None:
    answer = parse_answer(path.read_bytes().decode())
    assert answer.receives == EVERYTHING
    assert answer.sends == EVERYTHING
    assert not answer.is_dtls_server
    assert len(answer.fingerprint) == 32 * 3 - 1
    assert answer.ufrag
    assert len(answer.password) >= 22


def test_it_takes_the_sha_256_fingerprint_among_several() -> None:
    text = (DATA / "answer-aiortc-1.16.sdp").read_bytes().decode()
    assert "sha-512" in text
    wanted = next(
        line.split(" ")[1] for line in text.splitlines() if line.startswith("a=fingerprint:sha-256")
    )
    assert parse_answer(text).fingerprint == wanted.upper()


def test_it_lets_a_browser_be_the_dtls_server() -> None:
    assert parse_answer(LISTENER.replace("a=setup:active", "a=setup:passive")).is_dtls_server


def test_it_takes_a_client_that_has_no_vp8() -> None:
    """A rejected section has port 0; sound goes on without pictures."""
    answer = parse_answer(LISTENER.replace("m=video 9 ", "m=video 0 "))
    assert answer.receives == {MediaKind.MICROPHONE}


def test_it_counts_a_section_without_the_offered_payload_type_as_rejected() -> None:
    assert MediaKind.CAMERA not in parse_answer(LISTENER.replace("SAVPF 96", "SAVPF 100")).receives


def test_it_repeats_in_a_stream_of_its_own_only_what_the_browser_takes_so() -> None:
    assert parse_answer((DATA / "answer-chromium-156-rtx.sdp").read_bytes().decode()).rtx_kinds == {
        MediaKind.CAMERA,
        MediaKind.SCREEN,
    }
    assert parse_answer(LISTENER).rtx_kinds == frozenset()
    taken = LISTENER.replace(
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
    )
    assert parse_answer(taken).rtx_kinds == {MediaKind.CAMERA}
    other = LISTENER.replace(
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "m=video 9 UDP/TLS/RTP/SAVPF 96 99\r\n"
    )
    assert parse_answer(other).rtx_kinds == frozenset(), "99 repeats the screen."
    assert parse_answer(taken.replace("m=video 9 ", "m=video 0 ")).rtx_kinds == frozenset()


def test_it_receives_nothing_in_an_inactive_section() -> None:
    assert parse_answer(LISTENER.replace("a=recvonly", "a=inactive")).receives == frozenset()


@pytest.mark.parametrize("number", range(0, 130, 3))
def test_it_raises_nothing_but_protocol_errors_when_cut(number: int) -> None:
    cut = "\r\n".join(LISTENER.splitlines()[:number])
    assert code_for(cut) == "bad_sdp"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=0", "v=1"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ("a=setup:active", "a=setup:actpass"),
        ("a=setup:active", "a=x:"),
        ("a=mid:7", "a=mid:8"),
        ("a=mid:7", "a=mid:0"),
        ("m=audio 9", "m=application 9"),
        ("m=audio 9", "m=audio nine"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF", "m=audio 9 RTP/AVP"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 UDP/TLS/RTP/SAVPF" + " 1" * 40),
        ("a=ice-ufrag:", "a=ice-ufrag:\x00"),
        ("a=ice-ufrag:", "a=ice-ufrag:é"),
        ("a=ice-pwd:", "a=x:"),
        ("a=ice-pwd:", "a=ice-pwd:\x00"),
    ],
)
def test_it_refuses_a_broken_answer(old: str, new: str) -> None:
    assert old in LISTENER
    assert code_for(LISTENER.replace(old, new)) == "bad_sdp"


@pytest.mark.parametrize(
    "text",
    [
        LISTENER + "a=x\r\n" * 700,
        LISTENER + "a=" + "x" * 2000,
        LISTENER + "a=rtpmap:1 x/1\r\n" * 65,
        LISTENER + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        "x" * (MAX_SDP_BYTES + 1),
        "é" * (MAX_SDP_BYTES // 2 + 1),
        "\n" * MAX_SDP_BYTES,
    ],
    ids=["lines", "line", "codecs", "sections", "bytes", "multi-byte", "empty lines"],
)
def test_it_refuses_too_much_before_it_parses(text: str) -> None:
    assert code_for(text) == "sdp_too_large"


@pytest.mark.parametrize(
    "text", ["", "\x00" * 100, "v=0", "not SDP at all", "\ud800", "v=0\r\nm=\r\n"]
)
def test_it_refuses_what_is_no_sdp_at_all(text: str) -> None:
    assert code_for(text) == "bad_sdp"
