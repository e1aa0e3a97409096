"""Reads the relay's offer and writes the answer a browser would give, without a general SDP parser."""

import re
from dataclasses import dataclass, field

MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
_KEPT = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:", "a=mid:", "a=rtcp-mux", "a=rtcp-rsize")
_ANSWERS = {
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "sendrecv": "sendrecv",
    "inactive": "inactive",
}


@dataclass(frozen=True)
class Section:
    """One m-section of the offer. `direction` is the server's."""

    mid: str
    kind: str
    direction: str
    payload_types: dict[str, int]
    extensions: dict[str, int]
    ssrcs: list[int]
    lines: list[str] = field(repr=False)

    @property
    def media_type(self) -> int:
        """The payload type of Opus or VP8, whichever this section carries."""
        return self.payload_types["opus" if self.kind == "audio" else "vp8"]


@dataclass(frozen=True)
class Offer:
    """What a client needs to know of the relay."""

    ufrag: str
    password: str
    address: tuple[str, int]
    sections: list[Section]
    head: list[str] = field(repr=False)

    def section(self, mid: str) -> Section:
        return next(section for section in self.sections if section.mid == mid)


def read_offer(text: str) -> Offer:
    """Return the offer in `text`.

    Raises ValueError if ICE credentials or a UDP candidate are missing.
    """
    head, *bodies = re.split(r"(?m)^(?=m=)", text.replace("\r\n", "\n"))
    return Offer(
        ufrag=_value(text, "ice-ufrag"),
        password=_value(text, "ice-pwd"),
        address=_address(text),
        sections=[_section(body) for body in bodies],
        head=head.strip().split("\n"),
    )


def write_answer(
    offer: Offer,
    ufrag: str,
    password: str,
    fingerprint: str,
    ssrcs: dict[str, int] | None = None,
    setup: str = "active",
) -> str:
    """Return an answer that accepts everything.

    `ssrcs` maps the mid of a section the client sends to its SSRC.
    """
    mids = " ".join(section.mid for section in offer.sections)
    lines = [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {mids}",
        "a=msid-semantic: WMS *",
    ]
    transport = [
        f"a=ice-ufrag:{ufrag}",
        f"a=ice-pwd:{password}",
        f"a=fingerprint:sha-256 {fingerprint}",
    ]
    transport.append(f"a=setup:{setup}")
    for section in offer.sections:
        lines += [section.lines[0], "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0", *transport]
        lines += [line for line in section.lines if line.startswith(_KEPT)]
        lines.append(f"a={_ANSWERS[section.direction]}")
        if ssrcs and section.mid in ssrcs:
            lines.append(f"a=ssrc:{ssrcs[section.mid]} cname:light")
    return "\r\n".join(lines) + "\r\n"


def _section(body: str) -> Section:
    lines = body.strip().split("\n")
    direction = next(line[2:] for line in lines if line[2:] in _ANSWERS)
    return Section(
        mid=_value(body, "mid"),
        kind=lines[0][2:].split(" ", 1)[0],
        direction=direction,
        payload_types={
            m[2].lower(): int(m[1]) for m in re.finditer(r"(?m)^a=rtpmap:(\d+) ([\w-]+)/", body)
        },
        extensions={
            m[2]: int(m[1]) for m in re.finditer(r"(?m)^a=extmap:(\d+)(?:/\w+)? (\S+)", body)
        },
        ssrcs=list(dict.fromkeys(int(m[1]) for m in re.finditer(r"(?m)^a=ssrc:(\d+) ", body))),
        lines=lines,
    )


def _value(text: str, name: str) -> str:
    found = re.search(rf"(?m)^a={name}:(\S+)", text)
    if not found:
        raise ValueError(f"The offer has no a={name}.")
    return found[1]


def _address(text: str) -> tuple[str, int]:
    found = re.findall(r"(?m)^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", text, re.IGNORECASE)
    if not found:
        raise ValueError("The offer has no UDP candidate.")
    return found[0][0], int(found[0][1])
