"""What the web asks of egress."""

from config import redis_clients
from media_relay.protocol.egress import notes_channel
from spaces.relay import egress


def test_it_writes_a_pin_as_egress_keeps_it() -> None:
    # redis-py leaves it without types.
    with redis_clients.blocking().pubsub() as pubsub:  # type: ignore[no-untyped-call]
        pubsub.subscribe(notes_channel("s"))
        assert pubsub.get_message(timeout=5), "It is subscribed."
        egress.write_note("s", egress.PinNote(7))
        message = pubsub.get_message(timeout=5)
    assert message is not None
    # Logs on disk have it just so, and their rendering goes by the type.
    assert message["data"] == b'{"type":"pin","post":7}'
