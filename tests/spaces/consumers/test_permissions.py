"""Every row of RULES §4 × role again, through real sockets and through REST: what the page shows
does not matter.
"""

from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from config import redis_clients
from config.limits import LIMITS
from spaces.models import Space
from spaces.services import presence_store
from tests.accounts.people import let_in
from tests.spaces.rooms.table import ACTORS, Row, removed, rows, stage, without_host
from tests.spaces.sockets import in_room
from tests.spaces.stored import make_people, store_room

pytestmark = pytest.mark.django_db(transaction=True)
amake_people, astore_room = sync_to_async(make_people), sync_to_async(store_room)
ROWS = list(rows())


@pytest.mark.parametrize("who", ACTORS)
async def test_it_refuses_every_forged_message(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "accounts.realtime.socket.LIMITS", replace(LIMITS, socket_messages_per_s=1000)
    )
    monkeypatch.setattr("spaces.consumers.room.LIMITS", replace(LIMITS, gone_after_s=3600))
    people = await amake_people()
    space = await astore_room(without_host(stage()) if who == "acting host" else stage())
    forbidden = [row for row in ROWS if who not in row.allowed]
    expected = "log_in" if who == "visitor" else "not_allowed"
    async with in_room(space, people.get(ACTORS[who] or 0)) as socket:
        for row in forbidden:
            assert await socket.refused(row.wire[0], **row.wire[1]) == expected, row.name
        after = await socket.snapshot()
    assert after["rev"] == socket.seen[0]["rev"], "Nothing may have changed."


@pytest.mark.parametrize("who", [who for who in ACTORS if who != "visitor"])
async def test_it_does_every_allowed_message(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spaces.consumers.room.LIMITS", replace(LIMITS, gone_after_s=3600))
    people = await amake_people()
    for row in (row for row in ROWS if who in row.allowed):
        space = await astore_room(row.room_for(who))
        async with in_room(space, people[ACTORS[who] or 0]) as socket:
            assert (await socket.ask(row.wire[0], **row.wire[1]))["type"] == "ok", row.name


@pytest.mark.parametrize("who", ACTORS)
async def test_it_lets_everybody_with_an_account_react(who: str) -> None:
    people = await amake_people()
    space = await astore_room(stage())
    async with in_room(space, people.get(ACTORS[who] or 0)) as socket:
        answer = await socket.ask("reaction.send", emoji="👏")
    assert answer.get("code", "ok") == ("log_in" if who == "visitor" else "ok")


@pytest.mark.parametrize("who", ACTORS)
async def test_it_shows_who_was_removed_to_host_and_staff_alone(who: str) -> None:
    people = await amake_people()
    space = await astore_room(removed())
    async with in_room(space, people.get(ACTORS[who] or 0)) as socket:
        answer = await socket.ask("bans.get")
    if who in ("host", "staff"):
        assert [(one["user"]["id"], one["by"]["id"]) for one in answer["people"]] == [(34, 1)]
    else:
        assert answer["code"] == ("log_in" if who == "visitor" else "not_allowed")


@pytest.mark.parametrize("who", ACTORS)
async def test_it_shows_who_has_left_to_those_who_may_remove_them(who: str) -> None:
    people = await amake_people()
    space = await astore_room(removed())
    redis_clients.blocking().zrem(presence_store.key(space.public_id), "33", "34")
    async with in_room(space, people.get(ACTORS[who] or 0)) as socket:
        answer = await socket.ask("left.get")
        if who in ("host", "cohost", "acting host", "staff"):
            assert [one["user"]["id"] for one in answer["people"]] == [33], (
                "Not the removed, and nobody who is here."
            )
            await socket.do("room.remove", user=33)
        else:
            assert answer["code"] == ("log_in" if who == "visitor" else "not_allowed")


def over_rest(space: Space, user: User | None, row: Row) -> tuple[int, str]:
    client = Client()
    if user:
        let_in(client, user)
    body = {"type": row.wire[0], **row.wire[1]}
    answer = client.post(
        f"/api/v1/spaces/{space.public_id}/actions/", body, content_type="application/json"
    )
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("who", ACTORS)
def test_it_follows_the_table_over_rest(who: str) -> None:
    people = make_people()
    for row in ROWS:
        status, code = over_rest(store_room(row.room_for(who)), people.get(ACTORS[who] or 0), row)
        if who in row.allowed:
            assert (status, code) == (200, ""), row.name
            continue
        assert status == (401 if who == "visitor" else 403), row.name
        assert code == ("not_authenticated" if who == "visitor" else "not_allowed"), row.name
