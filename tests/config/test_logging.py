"""What the log says of refusals that are meant to be: one line each, and no traceback."""

import io
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from config.asgi import application
from config.http.rate_limits import RATES
from config.logging import mask
from spaces.services import signed_urls
from tests.spaces import archive
from tests.spaces.sockets import ORIGIN, turned_away, wire
from tests.spaces.town import person

LIMIT = RATES["feed"].amount
TRACEBACK = "Traceback (most recent call last)"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the handler of every process of Parley writes."""
    handler = next(one for one in logging.getLogger().handlers if one.get_name() == "stderr")
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def lines_about(log: io.StringIO, path: str) -> list[str]:
    return [line for line in log.getvalue().splitlines() if path in line]


@dataclass
class Replay:
    """Addresses of one replay's file."""

    unsigned: str
    of_another: str
    for_all: str
    gone: str


def replay() -> Replay:
    host = person("ayu")
    recording = archive.replay(host, [(host.pk, 0, 2_000, "hello there")])
    signed = signed_urls.replay_url(recording, "replay.mp4", None)
    return Replay(
        unsigned=signed.partition("?")[0],
        of_another=signed_urls.replay_url(recording, "replay.mp4", host),
        for_all=signed,
        gone=signed_urls.replay_url(recording, "replay.json", None),
    )


@pytest.mark.django_db
def test_it_logs_one_line_of_a_visitors_403_on_a_replay_file(log: io.StringIO) -> None:
    address = replay().unsigned
    assert Client().get(address).status_code == 403
    assert TRACEBACK not in log.getvalue()
    assert len(lines_about(log, address)) == 1
    assert len(log.getvalue().splitlines()) == 1


@pytest.mark.django_db
def test_it_logs_one_line_of_a_strangers_403_on_a_replay_file(log: io.StringIO) -> None:
    address = replay().of_another
    client = Client()
    client.force_login(person("budi"))
    assert client.get(address).status_code == 403
    assert TRACEBACK not in log.getvalue()
    assert len(lines_about(log, address.partition("?")[0])) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/media/avatars/none.webp", 404),
        ("/media/voice/none.ogg", 404),
        ("/posts/images/77/", 404),
        ("/spaces/calendar/none.ics", 404),
        ("/@nobody/", 404),
        ("/posts/9" + "9" * 30 + "/", 404),
        ("/api/v1/posts/7777/", 404),
        ("/api/v1/people/me/", 404),
    ],
)
def test_it_logs_no_traceback_of_what_is_not_there(
    log: io.StringIO, path: str, status: int
) -> None:
    assert Client().get(path).status_code == status
    assert TRACEBACK not in log.getvalue()


@pytest.mark.django_db
def test_it_logs_no_traceback_of_a_file_that_is_gone_or_a_range_outside_of_it(
    log: io.StringIO,
) -> None:
    addresses = replay()
    assert Client().get(addresses.gone).status_code == 404
    outside = Client().get(addresses.for_all, headers={"range": "bytes=999999999-"})
    assert outside.status_code == 416
    assert TRACEBACK not in log.getvalue()


@pytest.mark.django_db
def test_it_logs_no_traceback_of_requests_that_are_none(log: io.StringIO) -> None:
    """What Django itself refuses: a foreign host, a form from elsewhere, a body that is none."""
    assert Client().get("/", headers={"host": "elsewhere.example"}).status_code == 400
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/account/login/", {"login": "ayu"}).status_code == 403
    broken = Client().post(
        "/account/login/", b"--x\r\nbroken", content_type="multipart/form-data; boundary=\xff"
    )
    assert broken.status_code in (400, 403)
    assert TRACEBACK not in log.getvalue()


@pytest.mark.django_db
def test_it_logs_no_traceback_of_who_asks_too_often(log: io.StringIO) -> None:
    address = f"/spaces/of/{person('ayu').handle}/feed.xml"
    client = Client()
    found = {client.get(address).status_code for _ in range(LIMIT + 1)}
    assert 429 in found
    assert TRACEBACK not in log.getvalue()


@pytest.mark.django_db
def test_it_still_logs_the_traceback_of_an_error_of_ours(
    log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.views.media.default_storage", None)
    client = Client(raise_request_exception=False)
    assert client.get("/media/avatars/none.webp").status_code == 500
    assert TRACEBACK in log.getvalue()


@pytest.mark.django_db(transaction=True)
async def test_it_logs_no_traceback_of_sockets_that_are_refused(log: io.StringIO) -> None:
    foreign = wire("zzzzzzzzzzzz", headers=[(b"origin", b"https://elsewhere.example")])
    bad_token = wire("zzzzzzzzzzzz", headers=[(b"authorization", b"Token none")])
    unknown = WebsocketCommunicator(application, "/ws/none/", [(b"origin", ORIGIN.encode())])
    for socket in (foreign, bad_token, unknown):
        is_accepted, _ = await socket.connect()
        # Who refuses by a code has to accept first.
        if is_accepted:
            assert (await socket.receive_output())["type"] == "websocket.close"
        await socket.disconnect()
    assert await turned_away(wire("zzzzzzzzzzzz")) == ("not_available", 4403)
    assert TRACEBACK not in log.getvalue()


SECRET = "Zm9v:1vP3x-_8.a%3Db"


@pytest.mark.parametrize(
    "address",
    [
        "/appeal/{}/",
        "/unsubscribe/{}/",
        "/settings/data/{}/",
        "/spaces/calendar/{}.ics",
        "/account/password/reset/key/3f-{}/",
        "/spaces/abc/replay/1/replay.mp4?until=1&for=2&sign={}",
        "https://parley.example/unsubscribe/{}",
        "/x/?token={}#top",
    ],
)
def test_it_masks_what_is_secret_in_an_address(address: str) -> None:
    for around in ("Not Found: {}", "GET {} HTTP/1.1", "File '{}', line 3", '"{}"'):
        text = mask(around.format(address.format(SECRET)))
        assert SECRET not in text
        assert "***" in text
        assert not any(part in text for part in ("Zm9v", "1vP3x", "a%3Db"))
    assert mask(address.format(SECRET)).split("?")[0].endswith((".ics", ".mp4", "/", "***"))


@pytest.mark.parametrize(
    "text",
    ["Not Found: /settings/data/", "/unsubscribe/", "/@key/ and /tags/token/", "a key=value pair"],
)
def test_it_masks_nothing_else(text: str) -> None:
    assert mask(text) == text


@pytest.mark.django_db
def test_it_writes_no_secret_of_a_page_that_is_not_there(log: io.StringIO) -> None:
    for address in ("/appeal/{}/x/", "/spaces/calendar/{}.ics", "/unsubscribe/{}/x/"):
        assert Client().get(address.format("s3cret")).status_code == 404
    assert "s3cret" not in log.getvalue()
    assert "Not Found: /spaces/calendar/***.ics" in log.getvalue()


def _routes(patterns: Iterable[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for one in patterns:
        here = before + str(one.pattern).removeprefix("^").removesuffix("$")
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, here)
        else:
            yield here


def test_it_knows_every_route_with_a_secret() -> None:
    routes = [
        route
        for route in _routes(get_resolver().url_patterns)
        if re.search(r"<(?:str:|slug:)?(?:token|key|secret|signature)>", route)
    ]
    assert len(routes) == 5
    for route in routes:
        filled = re.sub(r"\(\?P<[^)]*\)|<[^>]*>", "s3cret", route)
        assert "s3cret" not in mask(filled), route


def test_it_tells_the_day_and_the_zone(log: io.StringIO) -> None:
    logging.getLogger("parley").warning("Now")
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING parley: Now", log.getvalue())
