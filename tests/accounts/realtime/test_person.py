"""Who gets a person socket, what it says, and that it ends with the log-in."""

import json
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from knox.models import AuthToken

from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.realtime import page_hints, session_watch
from accounts.realtime.messages import UNREAD, MessageHint, PostsHint, SayTyping, TypingHint
from accounts.realtime.person import PersonConsumer
from accounts.services import relationships
from config.limits import LIMITS
from tests.accounts.declared import declare_only
from tests.accounts.realtime.sockets import Tab, aperson, browser_headers, session_of, tab_of, wire
from tests.stack.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
afollow, anotify = sync_to_async(relationships.follow), sync_to_async(notify.notify)
atell, amark_read = sync_to_async(page_hints.tell), sync_to_async(notify.mark_read)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"origin", b"http://evil.example")],
        [(b"origin", b"http://localhost:8000.evil.example")],
        [(b"origin", b"null")],
        [(b"authorization", b"Token nonsense")],
    ],
    ids=["no origin", "foreign", "lookalike", "null", "bad token"],
)
async def test_it_refuses_the_handshake(headers: list[tuple[bytes, bytes]]) -> None:
    connected, _ = await wire(headers).connect(10)
    assert not connected


@pytest.mark.parametrize("cookie", ["", "nonsense"])
async def test_it_sends_visitors_to_the_log_in(cookie: str) -> None:
    communicator = wire(browser_headers(cookie))
    assert (await communicator.connect(10))[0]
    assert await Tab(communicator).closed() == 4401


async def test_it_lets_programs_in_by_token() -> None:
    budi = await aperson("budi")
    _, token = await sync_to_async(AuthToken.objects.create)(budi)
    communicator = wire([(b"authorization", f"Token {token}".encode())])
    await communicator.connect(10)
    assert (await Tab(communicator).next("alerts"))["unread"] == 0
    await communicator.disconnect()


async def test_it_tells_both_tabs_the_number_of_alerts_and_nobody_else() -> None:
    maya, budi = await aperson("maya"), await aperson("budi")
    async with tab_of(maya) as one, tab_of(maya) as two, tab_of(budi) as other:
        await afollow(budi, maya)
        assert (await one.next("alerts"))["unread"] == (await two.next("alerts"))["unread"] == 1
        await amark_read(maya)
        assert (await one.next("alerts"))["unread"] == (await two.next("alerts"))["unread"] == 0
        await other.say(json.dumps({"type": "ping"}))
        heard = [await other.receive(), await other.receive()]
        # The first number and its own ping.
        assert {message["type"] for message in heard} == {"messages", "pong"}


async def test_it_counts_a_storm_once_or_twice() -> None:
    maya = await aperson("maya")
    fans = [await aperson(f"fan{number}") for number in range(20)]
    async with tab_of(maya) as tab:
        for fan in fans:
            await anotify([maya.pk], Notification.Kind.LIKE, fan, ("post", 1))
        numbers = [(await tab.next("alerts"))["unread"]]
        while numbers[-1] < 20:
            numbers.append((await tab.next("alerts"))["unread"])
        assert len(numbers) < 15
        assert numbers == sorted(numbers)


async def test_it_hands_on_what_is_told_and_only_when_it_is_committed() -> None:
    maya = await aperson("maya")
    async with tab_of(maya) as tab:
        await sync_to_async(_tell_in_vain)(maya)
        await atell([maya.pk, maya.pk], MessageHint(7, 9))
        assert await tab.next("message") == {"type": "message", "conversation": 7, "id": 9}


def _tell_in_vain(person: User) -> None:
    from django.db import transaction

    with transaction.atomic():
        page_hints.tell([person.pk], MessageHint(1, 1))
        transaction.set_rollback(True)


@pytest.mark.parametrize("how", ["log-out", "suspended", "password", "deleted"])
async def test_it_ends_with_the_log_in_within_two_seconds(how: str) -> None:
    maya = await aperson("maya")
    async with tab_of(maya) as tab:
        await sync_to_async(_end)(maya, tab.session, how)
        began = time.monotonic()
        assert await tab.closed() == 4401
        assert time.monotonic() - began < 2


def _end(person: User, session: str, how: str) -> None:
    if how == "log-out":
        Session.objects.filter(session_key=session).delete()
    elif how == "suspended":
        User.objects.filter(pk=person.pk).update(is_active=False)
    elif how == "password":
        person.set_password("another")
        person.save()
    else:
        person.delete()


async def test_it_leaves_the_other_log_ins_alone() -> None:
    maya = await aperson("maya")
    async with tab_of(maya) as here, tab_of(maya) as there:
        await sync_to_async(_end)(maya, here.session, "log-out")
        assert await here.closed() == 4401
        await there.say('{"type": "ping"}')
        assert await there.next("pong")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", "bad_message"),
        ("[]", "bad_message"),
        ("{}", "unknown_type"),
        ('{"type": "x"}', "unknown_type"),
        ('{"type": ["typing"]}', "unknown_type"),
        ("[" * 4000, "bad_message"),
        (json.dumps({"type": "ping", "x": "y" * 5000}), "bad_message"),
    ],
)
async def test_it_refuses_what_it_does_not_know(text: str, code: str) -> None:
    maya = await aperson("maya")
    async with tab_of(maya) as tab:
        await tab.say(text)
        assert (await tab.next("error"))["code"] == code
        await tab.say('{"type": "ping"}')
        assert await tab.next("pong")


async def test_it_cuts_a_flood_after_one_warning() -> None:
    maya = await aperson("maya")
    async with tab_of(maya) as tab:
        for _ in range(200):
            await tab.say('{"type": "x"}')
        errors = []
        while tab.close_code is None:
            try:
                errors.append((await tab.receive()).get("code"))
            except ConnectionError:
                break
        assert tab.close_code == 4429
        assert errors.count("rate_limited") == 1


async def test_it_has_so_many_tabs_a_person_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.realtime.person.LIMITS", replace(LIMITS, person_sockets=2))
    maya, budi = await aperson("maya"), await aperson("budi")
    async with tab_of(maya), tab_of(maya), tab_of(budi):
        communicator = wire(browser_headers(await session_of(maya)))
        await communicator.connect(10)
        assert await Tab(communicator).closed() == 4429
        await communicator.disconnect()
        assert session_watch.watch().count_of(maya.pk) == 2
    await until(lambda: session_watch.watch().count_of(maya.pk) == 0, "every tab is forgotten")
    async with tab_of(maya):
        pass


async def test_it_hears_what_an_app_registered_and_survives_what_it_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[tuple[int, object]] = []
    declare_only(
        monkeypatch,
        unread_counts={"alerts": lambda person: 0},
        page_messages={"typing": lambda who, message: heard.append((who.pk, message))},
    )
    maya = await aperson("maya")
    async with tab_of(maya) as tab:
        for conversation in ("null", '"1"', "0", "-1", "true", str(2**70), "[]"):
            await tab.say(f'{{"type": "typing", "conversation": {conversation}}}')
            assert (await tab.next("error"))["code"] == "bad_message"
        await tab.say('{"type": "typing", "conversation": 7, "left": true}')
        await until(lambda: heard == [(maya.pk, SayTyping(7))], "the app hears it")


def test_it_has_a_message_for_every_number() -> None:
    assert set(page_hints.counters()) == set(UNREAD)


def test_it_says_nothing_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("accounts.realtime.page_hints.get_channel_layer", lambda: asked.append("x"))
    page_hints.tell([], PostsHint(1))
    page_hints.recount(set(), "alerts")
    assert asked == []


def test_it_goes_on_without_redis(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*given: object) -> None:
        raise ConnectionRefusedError

    layer = SimpleNamespace(group_send=fail)
    monkeypatch.setattr("accounts.realtime.page_hints.get_channel_layer", lambda: layer)
    page_hints.tell([1], PostsHint(1))
    assert "not told" in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        *(r'{"type":"\ud83d"}', r'{"type":"ping","x":"\ud83d"}', r'{"\ud83d":1,"type":"ping"}'),
        *('{"type":"ping","seen":1e999}', '{"type":"ping","seen":' + "9" * 300 + "}"),
        *('{"type":"ping","type":"ping"}', '{"type":"typing","conversation":NaN}'),
        *("[" * 4000, '{"a":' * 800, "\0", '"', "\ud83d", "", "null"),
    ],
)
async def test_it_answers_bytes_that_are_no_message_and_hears_on(text: str) -> None:
    async with tab_of(await aperson("budi")) as tab:
        await tab.wire.send_input({"type": "websocket.receive", "text": text})
        assert (await tab.next("error"))["code"] == "bad_message"
        await tab.say('{"type":"ping"}')
        assert (await tab.next("pong"))["n"] == 1


async def test_it_sends_on_after_text_that_cannot_be_encoded() -> None:
    budi = await aperson("budi")
    async with tab_of(budi) as tab:
        await atell([budi.pk], TypingHint(1, 2, "half \ud83d"))
        assert (await tab.next("typing"))["name"] == "half \ufffd"
        await tab.say('{"type":"ping"}')
        await tab.next("pong")


async def test_it_closes_with_a_code_when_a_message_is_a_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With 1011, which would be Daphne's, its Autobahn leaves the socket open and deaf."""

    def fail(tab: PersonConsumer, seen: object) -> int:
        raise ZeroDivisionError

    async with tab_of(await aperson("budi")) as tab:
        monkeypatch.setattr(PersonConsumer, "count_ping", fail)
        await tab.say('{"type":"ping"}')
        assert await tab.closed() == 4413


async def test_it_closes_with_a_code_when_a_task_of_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would be open and, say, send nothing any more."""

    async def fail() -> None:
        raise ZeroDivisionError

    async with tab_of(await aperson("budi")) as tab:
        monkeypatch.setattr(
            PersonConsumer, "push", lambda consumer, message: consumer.begin(fail(), "test")
        )
        await tab.say('{"type":"ping"}')
        assert await tab.closed() == 4413
