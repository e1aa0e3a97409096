"""Sockets hear and answer whatever is thrown at them."""

import json
from urllib.parse import quote

import pytest
from channels.testing import WebsocketCommunicator
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from config.asgi import application
from spaces.protocol import MESSAGES
from tests.spaces.sockets import ORIGIN, RoomSocket, in_room, wire
from tests.spaces.test_protocol import GOOD
from tests.spaces.town import alive_space, aperson

pytestmark = pytest.mark.django_db(transaction=True)
BY_BROWSER = [(b"origin", ORIGIN.encode())]

# All code points: half surrogate pairs, NUL, unassigned ones.
TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)
VALUES = st.recursive(
    st.one_of(TEXT, st.integers(), st.floats(), st.booleans(), st.none()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
GOOD_FIELDS = {
    kind: {name: GOOD[name] for name in shape.__struct_fields__} for kind, shape in MESSAGES.items()
}
MESSAGES_OF_SORTS = st.one_of(
    TEXT,
    VALUES.map(json.dumps),
    st.builds(
        # One good message with one field that is anything; `ref` and `type` are fields, too.
        lambda kind, name, value: json.dumps({**GOOD_FIELDS[kind], "type": kind, name: value}),
        st.sampled_from(sorted(set(MESSAGES) - {"room.leave", "space.end"})),
        st.sampled_from(["ref", "type", "user", "reason", "seen", "page", "title", "\ud83d"]),
        VALUES,
    ),
)


def examples(number: int) -> list[str]:
    found: list[str] = []

    @seed(2026)
    @settings(
        max_examples=number,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(MESSAGES_OF_SORTS)
    def take(text: str) -> None:
        found.append(text)

    take()
    return found


async def hears(socket: RoomSocket) -> bool:
    return bool((await socket.ask("ping"))["type"] == "pong")


@pytest.mark.parametrize(
    "text",
    [
        r'{"type":"ping","ref":"\ud83d"}',
        r'{"type":"ping","ref":"a\ude00\ud83d"}',
        r'{"type":"\ud83d"}',
        r'{"type":"ping","\ud83d":1}',
        r'{"type":"speak.request","reason":"\ud83d"}',
        r'{"type":"speak.request","reason":["\ud83d"]}',
        '{"type":"ping","seen":' + "9" * 300 + "}",
        '{"type":"ping","seen":1e999}',
        '{"type":"ping","seen":NaN}',
        '{"type":"ping","type":"pong"}',
        '{"type":"ping","ref":' + "[" * 20_000 + "]" * 20_000 + "}",
        "[" * 60_000,
        "\0",
    ],
)
async def test_it_answers_bad_message_and_hears_on(text: str) -> None:
    async with in_room(await alive_space(await aperson("alice"))) as socket:
        await socket.wire.send_input({"type": "websocket.receive", "text": text})
        assert (await socket.next("error"))["code"] == "bad_message"
        assert await hears(socket)


async def test_it_hears_on_after_any_text() -> None:
    space = await alive_space(await aperson("alice"))
    texts = examples(120)
    # Few at once: a socket may say 20 messages a second.
    for start in range(0, len(texts), 12):
        async with in_room(space, await aperson(f"bob{start}")) as socket:
            for text in texts[start : start + 12]:
                await socket.wire.send_input({"type": "websocket.receive", "text": text})
            assert await hears(socket)


@pytest.mark.parametrize(
    "path", ["/ws/nope/", "/ws/", "/", "/ws/spaces/", "/ws/me", "/ws/spaces/a/b/", "/ws/%00/"]
)
async def test_it_closes_a_socket_to_nowhere_with_a_code(path: str) -> None:
    communicator = WebsocketCommunicator(application, path, BY_BROWSER)
    assert (await communicator.connect(10))[0]
    assert await RoomSocket(communicator).closed() == 4404


@pytest.mark.parametrize(
    "public_id", ["nope", "é", "a b", "\0" * 12, "x" * 500, "../../ws/me", "😀"]
)
async def test_it_closes_a_socket_to_no_id_with_a_code(public_id: str) -> None:
    communicator = wire(quote(public_id))
    # As the web server has it; channels' own communicator leaves it quoted.
    communicator.scope["path"] = f"/ws/spaces/{public_id}/"
    assert (await communicator.connect(10))[0]
    assert await RoomSocket(communicator).closed() == 4404


@pytest.mark.parametrize("cookie", [r'"\000\000\000\000\000\000\000\000"', "é" * 32, '"\\"', ";="])
async def test_it_takes_a_cookie_of_odd_bytes_for_a_visitors(cookie: str) -> None:
    communicator = wire(await alive_space(await aperson("alice")), cookie=cookie)
    assert (await communicator.connect(10))[0]
    assert (await RoomSocket(communicator).next("space.snapshot"))["me"]["role"] == "visitor"
    await communicator.disconnect()


@pytest.mark.parametrize("token", [b"\xff\xfe", b"\0\0\0\0", b"", b"x" * 9000])
async def test_it_refuses_a_token_of_odd_bytes(token: bytes) -> None:
    space = await alive_space(await aperson("alice"))
    communicator = wire(space, headers=[(b"authorization", b"Token " + token)])
    assert not (await communicator.connect(10))[0]
