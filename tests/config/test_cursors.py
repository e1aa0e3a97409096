"""Cursors in addresses: what is not ours is refused, on every page and in the API."""

from base64 import b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from config.cursors import BadCursor, decode, encode, parse_id
from posts.services import messaging, posting
from posts.services.messaging import NewMessage
from tests.accounts.people import HTMX, browser_of, person
from tests.posts.api.test_fleets import program_of

NUMBER = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(NUMBER, min_size=1, max_size=3))
def test_it_reads_what_it_wrote_and_needs_no_escaping(numbers: list[int]) -> None:
    raw = encode(*numbers)
    assert decode(raw, len(numbers)) == tuple(numbers)
    assert quote(raw, safe="") == raw


@given(st.text())
def test_it_reads_nothing_else(raw: str) -> None:
    try:
        numbers = decode(raw, 2)
    except BadCursor:
        return
    assert encode(*numbers) == raw


@pytest.mark.parametrize(
    "raw", ["x", "-1", "+1", "1.5", "1_0", " 1", "٣", "9" * 19, "9" * 99, "\x00"]
)
def test_it_takes_no_other_id(raw: str) -> None:
    with pytest.raises(BadCursor):
        parse_id(raw)
    assert parse_id("") is None and parse_id(str(2**63 - 1)) == 2**63 - 1


@pytest.fixture
def maya(db: None) -> User:
    return person("maya")


@pytest.mark.parametrize("garbage", ["mangled", "2026-11-29T10:00:00 00:00_5", "9" * 30, "%00"])
def test_it_answers_garbage_with_400_everywhere(garbage: str, maya: User) -> None:
    post = posting.publish(maya, "one")
    message = messaging.send(maya, person("budi"), NewMessage("one"))
    talk = f"messages/{message.conversation_id}"
    browser = browser_of(maya)
    for page in (
        *(
            "?after=",
            "explore/?after=",
            "bookmarks/?after=",
            "tags/x/?after=",
            "search/?q=a&after=",
        ),
        *("@maya/?after=", "@maya/replies/?after=", "@maya/likes/?after=", "@maya/spaces/?after="),
        *("@maya/followers/?after=", f"posts/{post.pk}/?after=", "alerts/?before="),
        *(f"{talk}/?before=", f"{talk}/?after=", "messages/search/?q=a&before="),
    ):
        # As a page asks for the part that comes next.
        assert browser.get(f"/{page}{garbage}", headers=HTMX).status_code == 400, page
    for path in (
        *("timelines/home/?after=", "timelines/public/?after=", "timelines/bookmarks/?after="),
        *("timelines/tags/x/?after=", f"posts/{post.pk}/replies/?after="),
        *("search/?q=a&after=", "notifications/?before=", "spaces/?cursor="),
        *(f"conversations/{message.conversation_id}/messages/?before=",),
    ):
        answer = program_of(maya).get(f"/api/v1/{path}{garbage}")
        assert answer.status_code == 400, path
        assert answer.json()["code"] == "bad_cursor", path


_LOOKALIKES = ["p=x", "p=1&r=2", "p=1&p=2", "", "p=-1", "q=1", "p=01&r=0"]


@pytest.mark.parametrize("inner", _LOOKALIKES)
def test_it_refuses_what_only_looks_like_a_cursor(inner: str, maya: User) -> None:
    cursor = b64encode(inner.encode()).decode() or "===="
    answer = program_of(maya).get("/api/v1/spaces/", {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
