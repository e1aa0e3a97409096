"""The least that forwarding can cost here: SRTP-protect each packet for each listener and hand it
to the kernel.

Runs as a process of its own (`python -m tests.bench.floor`) with the task as JSON on stdin, so that
its CPU time is its own. It protects with libsrtp through the same binding as the relay and sends to
the very sockets the relay sent to.
"""

import json
import secrets
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from pylibsrtp import Policy, Session
from pylibsrtp._binding import ffi, lib

from tests.bench import native
from tests.bench.native import UDP_SEGMENT, Messages
from tests.bench.shapes import SPEECH_BYTES, SPEECH_HZ, Beat, Shape

TAG = 16  # AEAD_AES_128_GCM, RFC 7714 §14.2.
KEY_BYTES = 28


@dataclass(frozen=True)
class Task:
    ports: list[int]
    shape: Shape
    seconds: float
    gso: bool


@dataclass(frozen=True)
class Cost:
    packets: int
    cpu_s: float

    @property
    def per_packet_us(self) -> float:
        return self.cpu_s / self.packets * 1e6 if self.packets else float("nan")


class Lane:
    """Packets of one size to all listeners: `segments` of them go to each listener as one message."""

    def __init__(self, sessions: list[Any], ports: list[int], payload: int, segments: int) -> None:
        self.sessions = sessions
        self.plain = 12 + 8 + payload  # RTP header, extension block, payload.
        self.wire = self.plain + TAG
        self.segments = segments
        self.messages = Messages(len(ports), self.wire * segments)
        self.messages.address(ports)
        # Pointers cannot cross from one cffi binding to another; addresses can.
        start = int(native.ffi.cast("uintptr_t", self.messages.data))
        places = [
            ffi.cast("void *", start + index * self.wire) for index in range(len(ports) * segments)
        ]
        self.pointers = [places[row * segments : (row + 1) * segments] for row in range(len(ports))]
        self.length = ffi.new("int *")
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        if segments > 1:
            self.socket.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, self.wire)
        self.sequence = 0
        self.ssrc = secrets.randbits(32)
        self.packet = ffi.new("unsigned char[]", self.plain)

    def send(self) -> int:
        """Protect and send the next packets for everybody; return how many packets that was."""
        for column in range(self.segments):
            self._next_packet()
            self._protect(column)
        return self.messages.send(self.socket.fileno()) * self.segments

    def _next_packet(self) -> None:
        head = struct.pack(
            "!BBHIIHHI",
            0x90,
            96,
            self.sequence & 0xFFFF,
            self.sequence * 960,
            self.ssrc,
            0xBEDE,
            1,
            0,
        )
        ffi.memmove(self.packet, head, len(head))
        self.sequence += 1

    def _protect(self, column: int) -> None:
        length, packet, plain = self.length, self.packet, self.plain
        memmove, protect = ffi.memmove, lib.srtp_protect
        for session, row in zip(self.sessions, self.pointers, strict=True):
            target = row[column]
            memmove(target, packet, plain)
            length[0] = plain
            protect(session, target, length)


def run(task: Task) -> Cost:
    """Send at the shape's own pace for `seconds`."""
    sessions = [_session() for _ in task.ports]
    raw = [session._srtp[0] for session in sessions]
    frames = task.shape.frame_packets
    speech = Lane(raw, task.ports, SPEECH_BYTES, 1)
    video = (
        Lane(raw, task.ports, task.shape.frame_bytes, frames if task.gso else 1) if frames else None
    )
    repeats = 1 if task.gso else frames
    packets, started, now = 0, time.process_time(), time.monotonic()
    beats = Beat(SPEECH_HZ, now), Beat(task.shape.frame_hz, now)
    end = now + task.seconds
    while now < end:
        if beats[0].is_due(now):
            packets += speech.send()
        if video is not None and beats[1].is_due(now):
            packets += sum(video.send() for _ in range(repeats))
        time.sleep(max(0.0, min(beat.due_at for beat in beats) - time.monotonic()))
        now = time.monotonic()
    return Cost(packets, time.process_time() - started)


def measure(task: Task) -> "subprocess.Popen[str]":
    """Start the floor in its own process; `cost_of` reads the outcome."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.floor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdin is not None
    child.stdin.write(json.dumps(asdict(task)))
    child.stdin.close()
    return child


def cost_of(child: "subprocess.Popen[str]") -> Cost:
    assert child.stdout is not None
    cost = Cost(**json.loads(child.stdout.read()))
    child.wait()
    return cost


def _session() -> Session:
    policy = Policy(
        key=secrets.token_bytes(KEY_BYTES),
        ssrc_type=Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    )
    return Session(policy)


def main() -> None:
    fields = json.load(sys.stdin)
    print(json.dumps(asdict(run(Task(**{**fields, "shape": Shape(**fields["shape"])})))))


if __name__ == "__main__":
    main()
