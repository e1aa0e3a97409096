from array import array

from media_relay.egress.rendering.mixer import Mixer


def pcm(*samples: int) -> bytes:
    return array("h", samples).tobytes()


def heard(mixer: Mixer, until: int) -> list[int]:
    return list(array("h", mixer.take(until)))


def test_it_sums_voices_where_they_meet_and_keeps_within_range() -> None:
    mixer = Mixer()
    mixer.add(2, pcm(1, 2, 30_000))
    mixer.add(3, pcm(10, 30_000, 5))
    mixer.add(1, pcm(-7))
    assert heard(mixer, 7) == [0, -7, 1, 12, 32_767, 5, 0]


def test_it_goes_on_where_it_was_taken() -> None:
    mixer = Mixer()
    mixer.add(0, pcm(1, 2, 3, 4))
    assert heard(mixer, 2) == [1, 2]
    mixer.add(0, pcm(9, 9, 9))
    assert heard(mixer, 6) == [12, 4, 0, 0], "What comes too late is cut off."
    assert heard(mixer, 3) == []
