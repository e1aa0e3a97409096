"""Captions on their way from egress to those who read along."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async

from media_relay.protocol import egress as protocol
from media_relay.protocol.encoding import encode
from spaces.consumers import captions as room_captions
from spaces.models import Space
from spaces.rooms import commands, service
from spaces.rooms.actor import Actor
from spaces.services import captions
from tests.spaces.sockets import RoomSocket, in_room
from tests.spaces.town import alive_space, apeople
from tests.stack.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
aexecute = sync_to_async(service.execute)
NOW_MS = 1_790_000_000_000


class Egress:
    """Stands in for the process that hears the words."""

    def __init__(self, link: redis.Redis, space: Space) -> None:
        self._link = link
        self._space = space.public_id

    def say(self, message: protocol.EgressMessage) -> None:
        self._link.publish(protocol.captions_channel(self._space), encode(message))

    def line(
        self, user: int, text: str, *, id: str = "a", final: bool = True, start_ms: int = 0
    ) -> None:
        at = start_ms or int(time.time() * 1000)
        self.say(protocol.Caption(str(user), id, text, final, at))

    @property
    def wanted(self) -> protocol.Wanted | None:
        text = self._link.get(protocol.wanted_key(self._space))
        return protocol.parse_wanted(text) if text else None


async def reads(socket: RoomSocket) -> dict[str, Any]:  # Any: what came over the wire.
    return await socket.do("captions.set", on=True)


async def test_it_shows_each_line_under_the_right_name(own_redis: redis.Redis) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, budi) as socket:
        await reads(socket)
        egress.line(ayu.pk, "the river is", id="1", final=False, start_ms=NOW_MS)
        said = await socket.next("caption")
        assert (said["participant"], said["name"], said["text"]) == (ayu.pk, "ayu", "the river is")
        assert (said["final"], said["start_ms"], said["id"]) == (False, NOW_MS, "1")


async def test_it_sends_the_newest_of_a_line_that_grows_fast(own_redis: redis.Redis) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, budi) as socket:
        await reads(socket)
        for words in ("one", "one two", "one two three"):
            egress.line(ayu.pk, words, id="1", final=False)
        assert (await socket.next("caption"))["text"] == "one two three"


async def test_it_says_nothing_of_people_who_are_not_on_stage(own_redis: redis.Redis) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, budi) as socket:
        await reads(socket)
        egress.line(budi.pk, "nobody hears me", id="1")
        egress.line(ayu.pk, "but me", id="2")
        assert (await socket.next("caption"))["participant"] == ayu.pk


async def test_it_sends_lines_to_those_alone_who_read_along(own_redis: redis.Redis) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, ayu) as reader, in_room(space, budi) as other:
        await reads(reader)
        egress.line(ayu.pk, "hello")
        await reader.next("caption")
        await other.do("ping")
        assert "caption" not in [message["type"] for message in other.seen]


async def test_it_shows_the_last_lines_to_who_comes_late(own_redis: redis.Redis) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, ayu) as socket:
        await reads(socket)
        egress.line(ayu.pk, "said before", id="1")
        egress.line(ayu.pk, "not yet", id="2", final=False)
        await socket.next("caption", final=True)
        await until(lambda: captions.lines(space.public_id, 0), "the line is kept")
    async with in_room(space, budi) as late:  # Another hub: all it knows lies in Redis.
        lines = (await reads(late))["lines"]
    assert [(line["name"], line["text"], line["final"]) for line in lines] == [
        ("ayu", "said before", True)
    ]


async def test_it_tells_egress_that_somebody_reads(own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu, language="en")
    egress = Egress(own_redis, space)
    assert egress.wanted is None, "Nobody reads, nothing is recorded: egress has nothing to do."
    async with in_room(space, ayu) as socket:
        await reads(socket)
        wanted = await _wanted(egress, lambda wanted: True)
        assert (wanted.captions, wanted.language, wanted.recording) == (True, "en", None)


async def test_it_renews_what_egress_was_told_though_no_worker_does(own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    await aexecute(space.public_id, Actor(ayu.pk), commands.StartRecording())
    key = protocol.wanted_key(space.public_id)
    own_redis.expire(key, protocol.Wanted.LEASE_S // 2 - 1)
    async with in_room(space, ayu):  # Reads no captions.
        await until(lambda: own_redis.ttl(key) > protocol.Wanted.LEASE_S // 2, "it is renewed")


async def test_it_passes_on_how_egress_is_doing(own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, ayu) as socket:
        assert socket.seen[0]["captions"] == {"available": False, "status": "off", "reason": ""}
        for status, available in (
            (protocol.CaptionStatus("ok"), True),
            (protocol.CaptionStatus("behind"), True),
            (protocol.CaptionStatus("unavailable", "language"), False),
        ):
            egress.say(status)
            egress.say(status)  # Every 2 s; said on only when it is news.
            told = await socket.next("captions.status")
            assert (told["status"], told["reason"]) == (status.status, status.reason)
            assert told["available"] is available
        assert (await socket.snapshot())["captions"]["status"] == "unavailable"


async def test_it_says_so_when_egress_falls_silent(
    own_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_captions, "SILENT_S", 0.5)
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    async with in_room(space, ayu) as socket:
        await reads(socket)
        Egress(own_redis, space).say(protocol.CaptionStatus("ok"))
        await socket.next("captions.status", status="ok")
        told = await socket.next("captions.status")
        assert (told["status"], told["reason"]) == ("unavailable", "no_egress")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"5",
        b'{"type": "caption", "participant": "x"}',
        b'{"type": "caption_status", "status": "fine"}',
        b'{"type": "caption", "participant": "x", "id": "1", "text": "", '
        b'"final": true, "start_ms": 1}',
    ],
)
async def test_it_drops_what_it_cannot_read(text: bytes, own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    async with in_room(space, ayu) as socket:
        await reads(socket)
        own_redis.publish(protocol.captions_channel(space.public_id), text)
        Egress(own_redis, space).line(ayu.pk, "still here")
        assert (await socket.next("caption"))["text"] == "still here"


async def test_it_tells_the_room_when_the_recording_fails(own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    async with in_room(space, ayu) as socket:
        Egress(own_redis, space).say(protocol.RecordingStatus("x", "failed", "disk_full"))
        assert (await socket.next("recording.failed"))["reason"] == "disk_full"


async def test_it_asks_on_stage_and_records_who_agrees(own_redis: redis.Redis) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu, speak_rule="everyone")
    egress = Egress(own_redis, space)
    async with in_room(space, ayu) as host, in_room(space, budi) as guest:
        await guest.do("speak.request")
        await host.do("recording.start")
        await guest.next("consent.needed")
        assert (await _wanted(egress, lambda wanted: True)).consented == (str(ayu.pk),)
        await guest.do("consent.give")
        wanted = await _wanted(egress, lambda wanted: len(wanted.consented) == 2)
        assert set(wanted.consented) == {str(ayu.pk), str(budi.pk)}
        folder = wanted.recording
        await host.do("recording.stop")
        await until(lambda: egress.wanted is None, "egress is told to stop")
        await host.do("recording.start")
        assert (await _wanted(egress, lambda wanted: True)).recording == folder, (
            "It goes on in the same log."
        )


async def _wanted(egress: Egress, holds: Callable[[protocol.Wanted], bool]) -> protocol.Wanted:
    def found() -> protocol.Wanted | None:
        wanted = egress.wanted
        return wanted if wanted and holds(wanted) else None

    wanted = await until(found, "egress is told")
    assert wanted is not None
    return wanted


async def test_it_takes_everything_back_at_the_end(own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, ayu) as socket:
        await socket.do("recording.start")
        await until(lambda: egress.wanted, "egress is told")
        await aexecute(space.public_id, Actor(ayu.pk), commands.EndSpace())
        await asyncio.wait_for(until(lambda: egress.wanted is None, "nothing is wanted"), 5)


async def test_it_goes_on_after_redis_cut_the_line(own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, ayu) as socket:
        await reads(socket)
        egress.line(ayu.pk, "before", id="1")
        await socket.next("caption", text="before")
        own_redis.client_kill_filter(_type="pubsub")
        channel = protocol.captions_channel(space.public_id)
        await until(lambda: own_redis.pubsub_numsub(channel)[0][1] == 1, "it listens again")
        egress.line(ayu.pk, "after", id="2")
        assert (await socket.next("caption", id="2"))["text"] == "after"


async def test_it_listens_only_while_somebody_is_in_the_room(own_redis: redis.Redis) -> None:
    [ayu] = await apeople("ayu")
    space = await alive_space(ayu)
    channel = protocol.captions_channel(space.public_id)
    async with in_room(space, ayu):
        assert own_redis.pubsub_numsub(channel)[0][1] == 1
    await until(lambda: own_redis.pubsub_numsub(channel)[0][1] == 0, "nobody listens any more")


async def test_it_shows_lines_by_the_name_of_now(own_redis: redis.Redis) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    egress = Egress(own_redis, space)
    async with in_room(space, budi) as socket:
        await reads(socket)
        egress.line(ayu.pk, "before", id="1")
        assert (await socket.next("caption"))["name"] == "ayu"
        ayu.display_name = "Ayu Lestari"
        await ayu.asave()
        await socket.next("person.changed")
        egress.line(ayu.pk, "after", id="2")
        assert (await socket.next("caption"))["name"] == "Ayu Lestari"
        assert {line["name"] for line in (await reads(socket))["lines"]} == {"Ayu Lestari"}
    # A process that opens the room later reads the lines as they were said.
    async with in_room(space, budi) as socket:
        assert {line["name"] for line in (await reads(socket))["lines"]} == {"Ayu Lestari"}


async def test_it_tells_all_when_the_recording_fails_and_when_it_goes_on(
    own_redis: redis.Redis,
) -> None:
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    await aexecute(space.public_id, Actor(ayu.pk), commands.StartRecording())
    egress = Egress(own_redis, space)
    failed = protocol.RecordingStatus("x", "failed", "disk_full")
    async with in_room(space, ayu) as host, in_room(space, budi) as listener:
        egress.say(failed)
        for socket in (host, listener):
            assert (await socket.next("recording.failed"))["reason"] == "disk_full"
        snapshot = await listener.do("snapshot.get")
        assert snapshot["recording_trouble"] == "disk_full", "Who comes now is told as well."
        egress.say(failed)  # Said every second; pages are told of changes.
        egress.say(protocol.RecordingStatus("x", "recording"))
        for socket in (host, listener):
            await socket.next("recording.resumed")
            assert [one for one in socket.take_backlog() if one["type"] == "recording.failed"] == []


async def test_it_says_within_five_seconds_that_nobody_records() -> None:
    """No egress, no Redis, no relay: whatever it is, REC is not shown for what is not recorded."""
    ayu, budi = await apeople("ayu", "budi")
    space = await alive_space(ayu)
    async with in_room(space, budi) as listener:
        begun = time.monotonic()
        await aexecute(space.public_id, Actor(ayu.pk), commands.StartRecording())
        assert (await listener.next("recording.failed"))["reason"] == "no_egress"
        assert time.monotonic() - begun < 5
        await aexecute(space.public_id, Actor(ayu.pk), commands.StopRecording())
        changed = await listener.next("space.changed")
        assert changed["space"]["recording"] is False
        assert (await listener.do("snapshot.get"))["recording_trouble"] == ""
