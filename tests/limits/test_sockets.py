"""Sizes and rates of sockets, and of what a room counts by person."""

import json
import time

import pytest

from accounts.realtime.message_rate import MessageRate
from config.http import rate_limits
from config.limits import LIMITS
from config.schedule import EVERY_S
from spaces import protocol
from spaces.rooms.error_codes import ErrorCode


def code_of(message: object) -> ErrorCode:
    with pytest.raises(protocol.BadMessage) as refused:
        protocol.parse(json.dumps(message))
    return refused.value.code


def test_a_message_is_as_large_as_it_may_be() -> None:
    fits = json.dumps({"type": "ping"})
    assert protocol.parse(fits + " " * (LIMITS.socket_message_bytes - len(fits)))
    with pytest.raises(protocol.BadMessage) as refused:
        protocol.parse(fits + " " * (LIMITS.socket_message_bytes - len(fits) + 1))
    assert refused.value.code == ErrorCode.TOO_LARGE


def test_an_answer_is_as_large_as_it_may_be() -> None:
    def answer(count: int) -> dict[str, object]:
        return {"type": "media.answer", "peer": "p", "sdp": "x" * count}

    assert protocol.parse(json.dumps(answer(LIMITS.sdp_bytes)))
    assert code_of(answer(LIMITS.sdp_bytes + 1)) in {ErrorCode.BAD_MESSAGE, ErrorCode.TOO_LARGE}


def test_a_reason_is_as_long_as_it_may_be() -> None:
    def request(count: int) -> dict[str, object]:
        return {"type": "speak.request", "reason": "x" * count}

    assert protocol.parse(json.dumps(request(LIMITS.request_reason_chars)))
    assert code_of(request(LIMITS.request_reason_chars + 1)) == ErrorCode.BAD_MESSAGE


def test_a_socket_talks_as_fast_as_it_may() -> None:
    now = time.monotonic()
    rate = MessageRate(LIMITS.socket_messages_per_s, now)
    allowed = sum(rate.allows(now) for _ in range(10 * LIMITS.socket_messages_per_s))
    assert LIMITS.socket_messages_per_s <= allowed <= 2 * LIMITS.socket_messages_per_s


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("request", LIMITS.requests_per_minute),
        ("join", LIMITS.joins_per_minute),
        ("visit", LIMITS.visits_per_minute),
    ],
)
def test_a_room_counts_what_it_may(name: str, most: int) -> None:
    assert [rate.amount for rate in rate_limits.ROOM_RATES[name]] == [most]


def test_a_reaction_comes_as_often_as_it_may() -> None:
    apart, in_a_minute = rate_limits.ROOM_RATES["reaction"]
    assert apart.get_expiry() == max(1, LIMITS.reaction_every_ms // 1000)
    assert in_a_minute.amount == LIMITS.reactions_per_minute


def test_policies_are_written_as_often_as_they_may_be() -> None:
    assert EVERY_S["spaces.tasks.refresh_policies"] == LIMITS.policy_refresh_s
