from media_relay.rtcp.keyframes import (
    FAST_TRIES,
    PLI_INTERVAL_MS,
    SLOW_INTERVAL_MS,
    KeyFrameRequester,
)


def test_it_asks_at_once_and_makes_many_wishes_one() -> None:
    requester = KeyFrameRequester()
    assert not requester.due(0)
    requester.request()
    requester.request()
    assert requester.due(0)
    requester.request()
    assert not requester.due(1)


def test_it_asks_again_until_a_key_frame_comes() -> None:
    requester = KeyFrameRequester()
    requester.request()
    assert [now for now in range(0, 1600, 20) if requester.due(now)] == [0, 500, 1000, 1500]
    requester.on_key_frame()
    assert not requester.due(5000)


def test_it_never_asks_more_than_twice_a_second_whatever_is_wished() -> None:
    requester = KeyFrameRequester()
    sent = 0
    for now in range(0, 10_000, 10):
        requester.request()
        sent += requester.due(now)
        requester.on_key_frame()
    assert sent == 10_000 // PLI_INTERVAL_MS


def test_it_slows_down_when_no_key_frame_comes() -> None:
    requester = KeyFrameRequester()
    requester.request()
    sent = [now for now in range(0, 20_000, 100) if requester.due(now)]
    assert sent[FAST_TRIES] - sent[FAST_TRIES - 1] == SLOW_INTERVAL_MS
    requester.on_key_frame()
    requester.request()
    later = [now for now in range(20_000, 22_000, 100) if requester.due(now)]
    assert len(later) >= 3  # A new wish is quick again.
