"""Guards of settings that look harmless and are not (see the comment at CHANNEL_LAYERS)."""

import asyncio

from channels.layers import channel_layers
from django.conf import settings

REDIS_PYS_OWN_TIMEOUT_S = 5


async def test_it_keeps_a_socket_open_that_hears_nothing_for_longer_than_redis_py_waits() -> None:
    layer = channel_layers.make_backend("default")
    channel = await layer.new_channel()
    await layer.group_add("quiet-room", channel)
    waiting = asyncio.create_task(layer.receive(channel))
    done, _ = await asyncio.wait({waiting}, timeout=REDIS_PYS_OWN_TIMEOUT_S + 2)
    # With the default the connection breaks in here and the event is lost.
    assert not done, waiting.result()
    await layer.group_send("quiet-room", {"type": "hello"})
    assert await asyncio.wait_for(waiting, 5) == {"type": "hello"}
    await layer.flush()


def test_it_waits_for_ever_on_every_long_lived_connection() -> None:
    hosts: list[dict[str, object]] = channel_layers.configs["default"]["CONFIG"]["hosts"]
    assert [host["socket_timeout"] for host in hosts] == [None]
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["socket_timeout"] is None
