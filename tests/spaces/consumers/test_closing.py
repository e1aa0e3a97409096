"""The close codes of the room against the WebSocket server that has to send them."""

import re
from pathlib import Path
from typing import Any

import pytest
from autobahn.websocket.protocol import WebSocketProtocol

from accounts.realtime.socket import CloseCode
from config.limits import LIMITS
from config.web_server.server import SERVICE_RESTART
from tests.spaces.sockets import in_room
from tests.spaces.town import alive_space, aperson


class Line(WebSocketProtocol):
    """An open connection that remembers what it was asked to send."""

    def __init__(self) -> None:
        self.sent: list[int | None] = []

    def sendCloseFrame(
        self,
        code: int | None = None,
        reasonUtf8: Any = None,
        isReply: bool = False,
    ) -> None:
        self.sent.append(code)


@pytest.mark.parametrize("code", CloseCode)
def test_it_closes_with_codes_that_the_server_takes(code: CloseCode) -> None:
    line = Line()
    line.sendClose(int(code))
    assert line.sent == [code]


def test_the_server_raises_for_others_and_leaves_the_socket_open() -> None:
    with pytest.raises(Exception, match="invalid close code 1013"):
        Line().sendClose(1013)


def test_it_has_each_code_in_the_document() -> None:
    text = Path("spaces/PROTOCOL.md").read_text()
    documented = {int(code) for code in re.findall(r"^\| (\d{4}) \|", text, re.MULTILINE)}
    assert documented == {*CloseCode, SERVICE_RESTART}


@pytest.mark.django_db(transaction=True)
async def test_it_closes_a_socket_that_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.realtime.send_queue.UNREAD_MAX_BYTES", 4096)
    space = await alive_space(await aperson("alice"))
    async with in_room(space) as visitor:
        await visitor.send("ping")
        for _ in range(LIMITS.socket_snapshots_per_s):
            await visitor.send("snapshot.get")
        code = await visitor.closed()
        assert code == CloseCode.SLOW
        assert type(code) is int, "Autobahn takes no subclass of it."


@pytest.mark.django_db(transaction=True)
async def test_it_gives_out_few_snapshots_a_second() -> None:
    space = await alive_space(await aperson("alice"))
    async with in_room(space) as visitor:
        for _ in range(LIMITS.socket_snapshots_per_s):
            assert (await visitor.snapshot())["type"] == "space.snapshot"
        assert await visitor.refused("snapshot.get") == "rate_limited"
