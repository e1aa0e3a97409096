"""Whatever happens between publishers and a stream, its receiver sees one stream."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from media_relay.forwarding.media_kind import MediaKind
from media_relay.forwarding.slot import Slot
from media_relay.rtp.serial import Unwrapper, timestamp_distance
from tests.media_relay.forwarding.publisher import Publisher, Sent, forward

USERS = ("ayu", "budi", "hana")

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("frames"), st.sampled_from(USERS), st.integers(1, 12)),
        st.tuples(st.just("key"), st.sampled_from(USERS), st.just(1)),
        st.tuples(st.just("lose"), st.sampled_from(USERS), st.integers(1, 8)),
        st.tuples(st.just("hold"), st.sampled_from(USERS), st.integers(1, 8)),
        st.tuples(st.just("repeat"), st.sampled_from(USERS), st.integers(1, 8)),
        st.tuples(st.just("leap"), st.sampled_from(USERS), st.integers(1, 65_535)),
        st.tuples(st.just("interrupt"), st.sampled_from(USERS), st.just(0)),
        st.tuples(st.just("point"), st.sampled_from((*USERS, "")), st.just(0)),
        st.tuples(st.just("forget"), st.sampled_from(USERS), st.just(0)),
        st.tuples(st.just("wait"), st.just(""), st.integers(1, 4000)),
        st.tuples(st.just("pad"), st.just(""), st.just(0)),
    ),
    max_size=60,
)


class Talk:
    """A stream, three publishers, and a path that loses, holds back and repeats packets."""

    def __init__(self, kind: MediaKind) -> None:
        self.stream = Slot(kind, 6000, 96 if kind.is_video else 111, first_sequence=65_000)
        self.publishers = {
            user: Publisher(
                user,
                kind,
                sequence=65_500 + index,
                timestamp=2**32 - 9000 * index,
                per_frame=2 if kind.is_video else 1,
            )
            for index, user in enumerate(USERS)
        }
        self.held: dict[str, list[bytes]] = {user: [] for user in USERS}
        self.delivered: dict[str, list[bytes]] = {user: [] for user in USERS}
        self.sent: list[Sent] = []
        self.now = 0

    def do(self, step: str, user: str, amount: int) -> None:
        if step == "wait":
            self.now += amount
        elif step == "pad":
            made = self.stream.padding(self.now)
            self.sent += [Sent(made)] if made else []
        elif step == "point":
            self.stream.point_to(self.publishers[user].track if user else None, self.now)
        elif step == "forget":
            self.stream.forget(self.publishers[user].track)
        else:
            self._send(step, user, amount)

    def _send(self, step: str, user: str, amount: int) -> None:
        publisher = self.publishers[user]
        if step == "leap":
            publisher.sequence += amount
        elif step == "interrupt":
            publisher.track.interrupt()
        elif step == "repeat":
            self._deliver(user, self.delivered[user][-amount:])
        else:
            for _ in range(amount):
                self.now += 20
                packets = publisher.frame(key=step == "key")
                if step == "hold":
                    self.held[user] += packets
                elif step != "lose":
                    self._deliver(user, packets + self.held[user])
                    self.held[user] = []

    def _deliver(self, user: str, packets: list[bytes]) -> None:
        for data in packets:
            one = forward(self.stream, self.publishers[user], data, self.now)
            self.delivered[user] = [*self.delivered[user][-20:], data]
            if one is not None:
                self.sent.append(one)


@given(st.sampled_from([MediaKind.MICROPHONE, MediaKind.CAMERA]), STEPS)
def test_it_is_one_stream_to_its_receiver(
    kind: MediaKind, steps: list[tuple[str, str, int]]
) -> None:
    talk = Talk(kind)
    for step, user, amount in steps:
        talk.do(step, user, amount)
    unwrapper = Unwrapper()
    by_number = {}
    for one in talk.sent:
        number = unwrapper.unwrap(one.sequence)
        # No number goes out twice: SRTP must never protect two packets with one.
        assert number not in by_number
        by_number[number] = one
        assert talk.stream.history.get(one.sequence) in (one.data, None)
    in_order = [by_number[number] for number in sorted(by_number)]
    for before, after in pairwise(in_order):
        assert timestamp_distance(after.timestamp, before.timestamp) >= 0
    assert {one.ssrc for one in talk.sent} <= {6000}


@given(STEPS)
def test_it_begins_every_picture_with_a_key_frame(steps: list[tuple[str, str, int]]) -> None:
    talk = Talk(MediaKind.CAMERA)
    shown: str | None = None
    for step, user, amount in steps:
        before = len(talk.sent)
        talk.do(step, user, amount)
        if len(talk.sent) > before and talk.stream.source_user != shown:
            assert any(one.vp8.key_frame for one in talk.sent[before:])
            shown = talk.stream.source_user
