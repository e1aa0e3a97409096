"""What may go to an address before it has answered."""

from media_relay.ice.path import CONSENT_MS, Path


def test_it_owes_no_more_bytes_than_came() -> None:
    path = Path(b"home")
    assert not path.has_paid_for(1)
    path.receive(100)
    assert path.has_paid_for(100)
    assert not path.has_paid_for(101)
    path.pay(96)
    path.receive(50)
    assert not path.has_paid_for(64)


def test_it_owes_no_more_datagrams_than_came() -> None:
    """What is around a datagram costs its receiver, too."""
    path = Path(b"home")
    path.receive(1000)
    assert not path.has_paid_for(64, datagrams=2)
    path.pay(64)
    assert not path.has_paid_for(64)


def test_it_is_open_for_as_long_as_an_answer_is_good_for() -> None:
    path = Path(b"home")
    assert not path.is_open(0)
    path.open(1000)
    assert path.is_open(1000 + CONSENT_MS - 1)
    assert not path.is_open(1000 + CONSENT_MS)
