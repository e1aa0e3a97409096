"""The offer, as an independent parser reads it."""

from aiortc import sdp

from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import SlotMids
from media_relay.signalling import codecs
from media_relay.signalling.offer import MIDS, SLOT_KINDS, Endpoint, OfferTemplate, SlotSsrcs

FINGERPRINT = ":".join(["AB"] * 32)
ENDPOINT = Endpoint(("192.0.2.7", "2001:db8::7", "127.0.0.1"), 5004, FINGERPRINT)


def offer(slots: SlotSsrcs | None = None) -> sdp.SessionDescription:
    return sdp.SessionDescription.parse(
        OfferTemplate(ENDPOINT, slots or SlotSsrcs.draw()).text_for("ours", "secret" * 4)
    )


def test_it_offers_five_slots_and_asks_for_three_sources() -> None:
    media = offer().media
    assert [one.direction for one in media] == ["sendonly"] * 5 + ["recvonly"] * 3
    assert [one.kind for one in media] == ["audio"] * 3 + ["video"] * 2 + [
        "audio",
        "video",
        "video",
    ]
    assert [one.rtp.muxId for one in media] == [str(i) for i in range(8)]


def test_it_bundles_everything_over_ice_lite() -> None:
    text = OfferTemplate(ENDPOINT, SlotSsrcs.draw()).text_for("ours", "secret" * 4)
    assert "a=group:BUNDLE 0 1 2 3 4 5 6 7\r\n" in text
    assert "a=ice-lite\r\n" in text
    assert text.count("a=rtcp-mux\r\n") == 8
    assert "@" not in text


def test_it_carries_credentials_certificate_and_addresses() -> None:
    for one in offer().media:
        assert one.ice is not None
        assert one.dtls is not None
        assert (one.ice.usernameFragment, one.ice.password) == ("ours", "secret" * 4)
        assert one.dtls.fingerprints[0].value == FINGERPRINT
        assert [(c.ip, c.port) for c in one.ice_candidates] == [
            (host, 5004) for host in ENDPOINT.addresses
        ]
    priorities = [candidate.priority for candidate in offer().media[0].ice_candidates]
    assert priorities == sorted(priorities, reverse=True)


def test_it_gives_each_slot_its_ssrc() -> None:
    slots = SlotSsrcs.draw()
    found = [one.ssrc[0].ssrc for one in offer(slots).media[: len(SLOT_KINDS)]]
    assert found == list(slots.ssrcs)
    assert len(set(found)) == len(SLOT_KINDS)


def test_it_gives_each_kind_a_payload_type_of_its_own() -> None:
    """Packets are told apart by it, before they are decrypted."""
    seen: dict[int, set[str]] = {}
    for one in offer().media:
        for codec in one.rtp.codecs:
            seen.setdefault(codec.payloadType or 0, set()).add(codec.mimeType)
    assert set(seen) == set(codecs.PAYLOADS)
    assert codecs.PAYLOADS[codecs.VP8_SCREEN].kind is MediaKind.SCREEN


def test_it_offers_retransmission_and_bandwidth_feedback_to_cameras() -> None:
    camera = offer().media[6].rtp
    assert [codec.name for codec in camera.codecs] == ["VP8", "rtx"]
    assert camera.codecs[1].parameters == {"apt": codecs.VP8_CAMERA}
    feedback = {(one.type, one.parameter) for one in camera.codecs[0].rtcpFeedback}
    assert {
        ("nack", None),
        ("nack", "pli"),
        ("ccm", "fir"),
        ("goog-remb", None),
        ("transport-cc", None),
    } <= feedback


def test_it_offers_to_repeat_the_pictures_of_slots_in_streams_of_their_own() -> None:
    """Then a browser's reports tell what the path lost, and not what was mended."""
    slots = SlotSsrcs.draw()
    for number, kind in ((3, MediaKind.CAMERA), (4, MediaKind.SCREEN)):
        media = offer(slots).media[number]
        assert [codec.name for codec in media.rtp.codecs] == ["VP8", "rtx"]
        assert media.rtp.codecs[1].parameters == {"apt": codecs.PAYLOAD_TYPES[kind]}
        assert [one.ssrc for one in media.ssrc] == [slots.ssrcs[number], slots.rtx[kind]]
        assert [(one.semantic, one.items) for one in media.ssrc_group] == [
            ("FID", [one.ssrc for one in media.ssrc])
        ]
    assert len({*slots.ssrcs, *slots.rtx.values()}) == len(SLOT_KINDS) + 2
    assert all(not media.ssrc_group for media in offer(slots).media[:3]), (
        "Sound is repeated under its own numbers."
    )


def test_it_means_one_extension_by_one_id_everywhere() -> None:
    meaning: dict[int, str] = {}
    for one in offer().media:
        for extension in one.rtp.headerExtensions:
            assert meaning.setdefault(extension.id, extension.uri) == extension.uri
    assert meaning[codecs.EXT_AUDIO_LEVEL].endswith("ssrc-audio-level")


def test_it_names_the_mids_that_it_offers() -> None:
    assert SlotMids(("0", "1", "2"), "3", "4", "5", "6", "7") == MIDS
