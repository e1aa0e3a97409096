import time

import pytest
import redis
from django.conf import settings
from django.core.management import CommandError, call_command

from config.monitoring import heartbeat


def is_unresponsive(process: str) -> bool:
    try:
        call_command("check_heartbeat", process, after=0)
    except SystemExit as end:
        assert end.code == 1
        return False
    return True


@pytest.mark.parametrize(
    ("beaten_s_ago", "waiting", "unresponsive"),
    [
        (1, 0, []),
        (1, 3, []),
        (60, 3, ["clock"]),  # Tasks come and nobody takes them.
        (60, 0, ["beat"]),  # Nobody sends any.
        (None, 3, ["clock"]),
    ],
)
def test_it_tells_who_does_nothing(
    own_redis: redis.Redis, beaten_s_ago: float | None, waiting: int, unresponsive: list[str]
) -> None:
    if beaten_s_ago is not None:
        own_redis.set(heartbeat.key_of(heartbeat.CLOCK), time.time() - beaten_s_ago)
    for _ in range(waiting):
        own_redis.lpush(heartbeat.CLOCK, "{}")
    assert [process for process in ("clock", "beat") if is_unresponsive(process)] == unresponsive


def test_it_blames_nobody_for_a_redis_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "unix:///no/such/socket")
    assert not is_unresponsive("clock")
    assert not is_unresponsive("beat")


def test_it_gives_time_to_begin_again(
    own_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_redis.lpush(heartbeat.CLOCK, "{}")

    async def work(seconds: float) -> None:
        own_redis.set(heartbeat.key_of(heartbeat.CLOCK), time.time())

    monkeypatch.setattr("config.management.commands.check_heartbeat.asyncio.sleep", work)
    with pytest.raises(SystemExit):
        call_command("check_heartbeat", "clock")


def test_it_knows_no_other_process() -> None:
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("check_heartbeat", "web")


def test_it_looks_at_the_deliveries_own_queue(own_redis: redis.Redis) -> None:
    own_redis.lpush(heartbeat.DELIVERY, "{}")
    assert is_unresponsive("delivery")
    own_redis.set(heartbeat.key_of(heartbeat.DELIVERY), time.time())
    assert not is_unresponsive("delivery")
