"""Each kind of hint is lost once, at each place where it can be: within ten seconds the page knows.

What is only true for six seconds, that somebody types, is said again while they do.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.realtime import lost_hints, page_hints, person
from accounts.realtime.lost_hints import hint_look
from accounts.realtime.page_hints import HintRecount
from accounts.realtime.person import PersonConsumer
from accounts.services import relationships
from posts import live_updates
from posts.models import Conversation, Message
from posts.services import conversations, groups, messaging, posting
from tests.accounts.people import make_follow
from tests.accounts.people import person as make_person
from tests.accounts.realtime.sockets import Json, Tab, tab_of
from tests.stack.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
HEALED_S = 10
DOCUMENT = Path("accounts/realtime/PROTOCOL.md").read_text(encoding="utf-8")
TABLE = DOCUMENT.split("<!-- wire: client -->")[1].split("<!-- /wire -->")[0]
KINDS = set(re.findall(r"^\| `([a-z_.]+)` \|", TABLE, re.MULTILINE))
# Answers, and what says how many there were: without one nothing is out of date. Whoever types says
# so every few seconds (static/js/messages/typing.js).
NOT_MISSED = {"pong", "error", "sent", "typing"}


@dataclass
class Town:
    """Maya looks on, Budi does things. They have written to each other, and are in a group."""

    maya: User
    budi: User
    letters: Conversation
    group: Conversation
    first: Message

    def of_pair(self, viewer: User) -> conversations.MemberConversation:
        found = conversations.find(viewer, self.letters.pk)
        assert found
        return found


def town() -> Town:
    maya, budi = make_person("maya"), make_person("budi")
    make_follow(maya, budi)
    make_follow(budi, maya)
    first = messaging.send(budi, maya, "Hello")
    group = groups.make(budi, "Crew", [maya])
    return Town(maya, budi, first.conversation, group, first)


def likes(town: Town) -> None:
    notify.notify([town.maya.pk], Notification.Kind.LIKE, town.budi, ("post", 1))


def takes_the_like_back(town: Town) -> None:
    notify.retract(town.maya.pk, Notification.Kind.LIKE, town.budi, ("post", 1))


def writes_to_the_group(town: Town) -> None:
    messaging.send_to_group(town.budi, town.group, "Who rows today?")


def writes(town: Town) -> None:
    messaging.send(town.budi, town.maya, "Are you there?")


def reads_elsewhere(town: Town) -> None:
    conversations.mark_read(town.of_pair(town.maya), town.first.pk)


def takes_a_message_back(town: Town) -> None:
    messaging.take_back(town.budi, town.first)


def reads(town: Town) -> None:
    sent = messaging.send(town.maya, town.budi, "Yes")
    conversations.mark_read(town.of_pair(town.budi), sent.pk)


def renames_the_group(town: Town) -> None:
    groups.rename(town.budi, town.group, "Rowers")


def puts_her_out(town: Town) -> None:
    groups.remove(town.budi, town.group, town.maya)


def posts(town: Town) -> None:
    post = posting.publish(town.budi, "Good morning")
    live_updates.tell_followers(post.pk)


# What is done, of which kind what is lost is, and what has to come of it at Maya's page.
CASES: dict[str, tuple[str, Callable[[Town], None]]] = {
    "a like": ("alerts", likes),
    "a message is counted": ("messages", writes_to_the_group),
    "read in another tab": ("messages", reads_elsewhere),
    "a message": ("message", writes),
    "taken back": ("message", takes_a_message_back),
    "a read mark": ("read", reads),
    "another name": ("conversation", renames_the_group),
    "out of the group": ("conversation", puts_her_out),
    "a post": ("posts", posts),
}


class Loss:
    """Loses the first hint of a kind while it is open."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.is_open = False
        self.lost: list[object] = []

    def takes(self, kind: str, hint: object) -> bool:
        if not self.is_open or kind != self.kind:
            return False
        self.is_open = False
        self.lost.append(hint)
        return True

    def at_database(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The web dies between the commit and the first word about it."""
        send = page_hints._send_on_commit

        def leaky(users: Any, hint: Any) -> None:  # Any: as the function that it stands for.
            kind = hint.name if isinstance(hint, HintRecount) else json.loads(hint.text)["type"]
            if not self.takes(kind, hint):
                send(users, hint)

        monkeypatch.setattr(page_hints, "_send_on_commit", leaky)

    def at_redis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is published, and this process does not hear it."""
        text, recount = PersonConsumer.hint_text, PersonConsumer.hint_recount

        async def leaky_text(tab: PersonConsumer, event: Any) -> None:  # Any: of the layer.
            if not self.takes(json.loads(event["text"])["type"], event):
                await text(tab, event)

        async def leaky_recount(tab: PersonConsumer, event: Any) -> None:  # Any: of the layer.
            if not self.takes(event["name"], event):
                await recount(tab, event)

        monkeypatch.setattr(PersonConsumer, "hint_text", leaky_text)
        monkeypatch.setattr(PersonConsumer, "hint_recount", leaky_recount)

    def at_page(self, _: pytest.MonkeyPatch) -> None:
        """The socket sends it and the page does not get it: `Page.hear`."""


class Page:
    """What a tab does: it counts what comes, and opens the socket anew when it misses something
    (static/js/net/reconnecting_socket.js).
    """

    def __init__(self, tab: Tab, loss: Loss, heard: int) -> None:
        self._tab = tab
        self._loss = loss
        self._heard = heard
        self.got: list[Json] = []
        self.is_told_to_come_back = False

    async def hear(self) -> None:
        message = await self._tab.receive()
        if message["type"] == "sent":
            self.is_told_to_come_back |= message["count"] != self._heard
        elif self._loss.takes(message["type"], message):
            return
        self.got.append(message)
        self._heard += 1


@pytest.fixture(autouse=True)
def _looks_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_hints, "LOOK_EVERY_S", 3600)
    monkeypatch.setattr(person, "COUNT_AFTER_S", 0.3)


LOOKS_S, COUNT_S = 2 * lost_hints.LOOK_EVERY_S, person.COUNT_AFTER_S


def test_it_is_done_within_ten_seconds() -> None:
    # A hint that is lost at a look, and told at the one after it; then a page that has to come back
    # waits for a second (`BACKOFF_MS`).
    assert LOOKS_S < HEALED_S and COUNT_S + 1 < HEALED_S


def test_it_loses_every_kind_of_message_that_the_protocol_has() -> None:
    assert {kind for kind, _ in CASES.values()} | NOT_MISSED == KINDS


@asynccontextmanager
async def page_of(user: User, loss: Loss) -> AsyncIterator[Page]:
    async with tab_of(user) as tab:
        # `tab_of` has heard the alerts; the first look says what there was before.
        page = Page(tab, loss, heard=1)
        while not any(one["type"] == "messages" for one in page.got):
            await page.hear()
        await hint_look().look()
        await hint_look().look()
        await until_quiet(page)
        yield page


async def until_quiet(page: Page) -> None:
    """Hear all that is on its way: what comes last is how many messages there were."""
    while not page.got or page.got[-1]["type"] != "sent":
        await page.hear()


@pytest.mark.parametrize("place", ["database", "redis"])
@pytest.mark.parametrize("case", CASES)
async def test_it_tells_a_hint_again_that_no_page_heard(
    case: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, act = CASES[case]
    here = await sync_to_async(town)()
    loss = Loss(kind)
    getattr(loss, f"at_{place}")(monkeypatch)
    async with page_of(here.maya, loss) as page:
        page.got.clear()
        loss.is_open = True
        await sync_to_async(act)(here)
        async with asyncio.timeout(HEALED_S):
            await until(lambda: loss.lost, f"{kind} is lost")
            await hint_look().look()
            await hint_look().look()
            while not any(one["type"] == kind for one in page.got):
                await page.hear()


@pytest.mark.parametrize("case", CASES)
async def test_it_lets_a_page_see_that_it_missed_something(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, act = CASES[case]
    here = await sync_to_async(town)()
    loss = Loss(kind)
    async with page_of(here.maya, loss) as page:
        loss.is_open = True
        await sync_to_async(act)(here)
        async with asyncio.timeout(HEALED_S):
            while not page.is_told_to_come_back:
                await page.hear()
    assert loss.lost


ALL_TOLD = {
    "a message is counted": {"message", "messages"},
    "a read mark": {"message", "read"},
    "another name": {"message", "conversation"},
}


async def test_it_tells_nothing_twice_when_nothing_was_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = await sync_to_async(town)()
    tell, told_by_looks, is_looking = PersonConsumer._tell, [], False

    def watched(tab: PersonConsumer, text: str) -> None:
        if is_looking:
            told_by_looks.append(text)
        tell(tab, text)

    on_news = PersonConsumer.on_news

    def looking(tab: PersonConsumer, news: Any) -> None:  # Any: as `on_news`.
        nonlocal is_looking
        is_looking = True
        on_news(tab, news)
        is_looking = False

    async with page_of(here.maya, Loss("")) as page:
        monkeypatch.setattr(PersonConsumer, "_tell", watched)
        monkeypatch.setattr(PersonConsumer, "on_news", looking)
        for case, (kind, act) in CASES.items():
            page.got.clear()
            await sync_to_async(act)(here)
            while not ALL_TOLD.get(case, {kind}) <= {one["type"] for one in page.got}:
                await page.hear()
            for _ in range(3):
                await hint_look().look()
            assert told_by_looks == [], case
        assert not page.is_told_to_come_back


async def test_it_asks_nothing_for_nobody(django_assert_num_queries: Any) -> None:
    found: dict[int, Any] = {}

    def ask() -> None:
        with django_assert_num_queries(0):
            found.update(lost_hints.news_of((), timezone.now()))

    await sync_to_async(ask)()
    assert found == {}


async def test_it_asks_a_handful_of_questions_for_a_thousand(
    django_assert_max_num_queries: Any,
) -> None:
    here = await sync_to_async(town)()
    since = timezone.now() - lost_hints.RECENT

    def ask() -> None:
        with django_assert_max_num_queries(12):
            lost_hints.news_of([here.maya.pk, here.budi.pk, *range(1000, 1998)], since)

    await sync_to_async(ask)()


async def test_it_says_nothing_across_a_block() -> None:
    here = await sync_to_async(town)()
    await sync_to_async(relationships.block)(here.maya, here.budi)
    since = timezone.now() - lost_hints.RECENT
    news = await sync_to_async(lost_hints.news_of)([here.maya.pk], since)
    assert [one for one in news[here.maya.pk] if not hasattr(one, "name")] == []
