"""The words of every script come back from page and API with the same code points, wherever they are
taken.
"""

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern
from functools import cache
from typing import Any
from xml.etree import ElementTree

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from accounts import pictures
from accounts.models import Appeal, Decision, MutedWord, Notification, Report, User
from accounts.moderation import appeals, decisions
from accounts.moderation.decisions import Reasons
from accounts.notifications import notify, preferences
from accounts.notifications.preferences import NotificationTopic
from config.http import rate_limits
from posts.models import Conversation, Draft
from posts.services import posting
from posts.services.posting import Picture
from spaces.models import Space, SpeakRequest, TranscriptLine
from spaces.rooms import service, snapshot
from spaces.services import clips, transcripts
from tests.accounts.outgoing import sweep
from tests.accounts.people import browser_of, make_follow, person, staff_member
from tests.accounts.test_pictures import encoded
from tests.config.test_text import KEPT
from tests.spaces import archive
from tests.spaces.town import be_in_room, live_space

pytestmark = pytest.mark.django_db


@dataclass
class Town:
    """Two people who follow each other, and their browsers."""

    maya: User
    budi: User
    client: Client = field(init=False)
    other: Client = field(init=False)

    def __post_init__(self) -> None:
        make_follow(self.maya, self.budi)
        make_follow(self.budi, self.maya)
        self.client, self.other = browser_of(self.maya), browser_of(self.budi)

    # Any: JSON.
    def send(self, path: str, value: object, method: str = "post", by: Client | None = None) -> Any:
        """Send JSON to the API and return its answer."""
        call = getattr(by or self.client, method)
        answer = call(f"/api/v1/{path}", json.dumps(value), content_type="application/json")
        assert answer.status_code in (200, 201, 204), answer.content
        return answer.json() if answer.content else None

    # Any: JSON.
    def ask(self, path: str, by: Client | None = None) -> Any:
        answer = (by or self.other).get(f"/api/v1/{path}")
        assert answer.status_code == 200
        return answer.json()

    def page(self, path: str, by: Client | None = None) -> str:
        answer = (by or self.other).get(path)
        assert answer.status_code == 200, path
        return html.unescape(answer.content.decode())


@pytest.fixture
def town() -> Town:
    return Town(person("maya"), person("budi"))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """So many texts in a row would else be too many."""
    monkeypatch.setattr(rate_limits, "hit", lambda name, who: True)
    yield


# Each writes the text, and yields what came back of it: a text that is equal, or a page that has it.
Place = Callable[[Town, str], Iterator[tuple[str, str]]]


def post(town: Town, text: str) -> Iterator[tuple[str, str]]:
    made = town.send("posts/", {"text": text})
    yield "equal", made["text"]
    yield "equal", town.ask(f"posts/{made['id']}/")["text"]
    yield "page", town.page(f"/posts/{made['id']}/")
    yield "page", town.page("/@maya/")
    town.send(f"posts/{made['id']}/", {"text": f"{text} again"}, "patch")
    yield "equal", town.ask(f"posts/{made['id']}/history/")[0]["text"]


def reply(town: Town, text: str) -> Iterator[tuple[str, str]]:
    asked = posting.publish(town.budi, "What do you say?")
    made = town.send("posts/", {"text": text, "reply_to": asked.pk})
    yield "equal", town.ask(f"posts/{made['id']}/")["text"]
    yield "page", town.page(f"/posts/{asked.pk}/")
    yield "page", town.page("/alerts/")


def poll_option(town: Town, text: str) -> Iterator[tuple[str, str]]:
    made = town.send("posts/", {"text": "?", "poll": {"options": [text, "Tea"], "lasts_s": 3600}})
    yield "equal", made["poll"]["options"][0]["text"]
    yield "equal", town.ask(f"posts/{made['id']}/")["poll"]["options"][0]["text"]
    yield "page", town.page(f"/posts/{made['id']}/")


@cache
def webp() -> bytes:
    return pictures.reencode(encoded("PNG", (40, 60)), pictures.PHOTO)


def alt_text(town: Town, text: str) -> Iterator[tuple[str, str]]:
    made = posting.publish(town.maya, "Look", images=[Picture(webp(), text)])
    yield "equal", town.ask(f"posts/{made.pk}/")["images"][0]["alt"]
    yield "page", town.page(f"/posts/{made.pk}/")


def direct_message(town: Town, text: str) -> Iterator[tuple[str, str]]:
    made = town.send("messages/to/budi/", {"text": text})
    conversation = Conversation.objects.get()
    yield "equal", made["text"]
    yield "equal", town.ask(f"conversations/{conversation.pk}/messages/")["results"][-1]["text"]
    yield "page", town.page(f"/messages/{conversation.pk}/")


def group_name(town: Town, text: str) -> Iterator[tuple[str, str]]:
    made = town.send("conversations/", {"name": text, "people": ["budi"]})
    yield "equal", made["name"]
    yield "page", town.page(f"/messages/{made['id']}/")
    yield "page", town.page("/messages/")
    Conversation.objects.get(pk=made["id"]).delete()


def fleet(town: Town, text: str) -> Iterator[tuple[str, str]]:
    made = town.send("fleets/", {"text": text})
    yield "equal", made["text"]
    yield "equal", town.ask(f"fleets/{made['id']}/")["text"]
    yield "page", town.page(f"/fleets/{made['id']}/")
    town.client.delete(f"/api/v1/fleets/{made['id']}/")


def draft(town: Town, text: str) -> Iterator[tuple[str, str]]:
    made = town.send("drafts/", {"texts": [text, text], "options": [text]})
    for shown in (made, town.ask(f"drafts/{made['id']}/", town.client)):
        assert [*shown["texts"], *shown["options"]] == [text] * 3
    yield "page", town.page(f"/posts/compose/?draft={made['id']}", town.client)
    yield "page", town.page("/drafts/", town.client)
    Draft.objects.all().delete()


def profile(town: Town, text: str) -> Iterator[tuple[str, str]]:
    town.send("accounts/me/", {"display_name": text, "bio": text}, "patch")
    account = town.ask("accounts/maya/")
    yield "equal", account["name"]
    yield "equal", account["bio"]
    yield "page", town.page("/@maya/")
    town.client.post("/settings/profile/", {"display_name": f"{text}1", "bio": f"{text}\r\n2"})
    account = town.ask("accounts/maya/")
    yield "equal", account["name"].removesuffix("1")
    yield "equal", account["bio"].removesuffix("\n2")


def space(town: Town, text: str) -> Iterator[tuple[str, str]]:
    """Title and topic, on page, card, list, calendar and feed."""
    at = (timezone.now() + timedelta(hours=2)).isoformat()
    made = town.send("spaces/", {"title": text, "topics": [text], "scheduled_for": at})
    yield "equal", made["title"]
    yield "equal", town.ask(f"spaces/{made['id']}/")["topics"][0]
    for path in ("", "card/"):
        yield "page", town.page(f"/spaces/{made['id']}/{path}")
    yield "page", town.page("/spaces/?tab=upcoming")
    for path in (f"/spaces/{made['id']}/calendar.ics", "/spaces/of/maya/calendar.ics"):
        (event,) = Calendar.from_ical(Client().get(path).content).walk("VEVENT")
        yield "equal", str(event["summary"])
        yield "page", str(event["description"])
    feed = ElementTree.fromstring(Client().get("/spaces/of/maya/feed.xml").content)
    yield "equal", feed.findtext("channel/item/title") or ""
    yield "equal", feed.findtext("channel/item/category") or ""
    yield "page", feed.findtext("channel/item/description") or ""
    Space.objects.all().delete()


def mailed(town: Town, text: str) -> Iterator[tuple[str, str]]:
    """The name of a host, the title of their Space and the note of a decision, by mail."""
    EmailAddress.objects.get_or_create(user=town.budi, email=town.budi.email, verified=True)
    preferences.save(town.budi, {(NotificationTopic.SPACES, "email"): True}, None)
    live = live_space(town.maya, title=text)
    mail.outbox.clear()
    notify.notify(
        [town.budi.pk], Notification.Kind.SPACE_LIVE, town.maya, ("space", live.pk), live.title
    )
    sweep()
    letter = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=modern)
    yield "page", str(letter["subject"])
    for part in letter.walk():
        if part.get_content_maintype() == "text":
            yield "page", html.unescape(part.get_content())
    Space.objects.all().delete()


def request_reason(town: Town, text: str) -> Iterator[tuple[str, str]]:
    live = live_space(town.maya)
    be_in_room(live, town.budi)
    asked = {"type": "speak.request", "reason": text}
    town.send(f"spaces/{live.public_id}/actions/", asked, by=town.other)
    yield "equal", SpeakRequest.objects.get().reason
    host = service.actor_of(town.maya)
    (shown,) = snapshot.requests_for(service.get_room_for(live.public_id, host), host)
    yield "equal", shown.reason
    Space.objects.all().delete()


def title_while_live(town: Town, text: str) -> Iterator[tuple[str, str]]:
    live = live_space(town.maya)
    town.send(f"spaces/{live.public_id}/actions/", {"type": "room.update", "title": text})
    yield "equal", town.ask(f"spaces/{live.public_id}/")["title"]
    Space.objects.all().delete()


def report(town: Town, text: str) -> Iterator[tuple[str, str]]:
    wanted = {"kind": "person", "id": town.maya.pk, "reason": "spam", "text": text}
    town.send("reports/", wanted, by=town.other)
    row = Report.objects.get()
    yield "equal", row.text
    staff = browser_of(User.objects.filter(is_staff=True).first() or staff_member())
    yield "page", town.page(f"/admin/accounts/report/{row.pk}/change/", staff)
    row.delete()


def decision(town: Town, text: str) -> Iterator[tuple[str, str]]:
    """The note of staff, the answer of the person, the answer to that."""
    staff = User.objects.filter(is_staff=True).first() or staff_member()
    made = decisions.suspend(town.maya, staff, Reasons("spam", text))
    yield "equal", Decision.objects.get(pk=made.pk).note
    appealed = appeals.appeal(made, text)
    yield "equal", Appeal.objects.get(pk=appealed.pk).text
    appeals.answer(appealed, staff, grant=True, text=text)
    yield "equal", Appeal.objects.get(pk=appealed.pk).answer


def transcript(town: Town, text: str) -> Iterator[tuple[str, str]]:
    recording = archive.replay(town.maya, [(town.maya.pk, 0, 1500, text)])
    line = TranscriptLine.objects.get()
    yield "equal", line.said
    town.send(f"spaces/{recording.space.public_id}/transcript/{line.pk}/", {"text": text}, "patch")
    shown = town.ask(f"spaces/{recording.space.public_id}/transcript/")["results"][0]
    yield "equal", shown["text"]
    yield "page", town.page(f"/spaces/{recording.space.public_id}/")
    yield "page", transcripts.as_vtt(transcripts.lines_for(recording.space, town.budi))
    clip = clips.cut(recording, town.budi, 0, 5000, text)
    yield "equal", town.ask(f"clips/{clip.public_id}/")["title"]
    Space.objects.all().delete()


def muted_word(town: Town, text: str) -> Iterator[tuple[str, str]]:
    yield "equal", town.send("muted-words/", {"word": text})["word"]
    yield "page", town.page("/settings/muted-words/", town.client)
    MutedWord.objects.all().delete()


PLACES: list[Place] = [
    *(post, reply, poll_option, alt_text, direct_message, group_name, fleet, draft, profile),
    *(space, mailed, request_reason, title_while_live, report, decision, transcript, muted_word),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_it_keeps_the_words_of_every_script(town: Town, place: Place) -> None:
    for text in KEPT.values():
        for how, seen in place(town, text):
            assert seen == text if how == "equal" else text in seen, (
                how,
                text.encode("unicode-escape"),
            )


@pytest.mark.parametrize(
    ("typed", "name", "words"),
    [
        ("Alice\t42\tJakarta", "Alice 42 Jakarta", "Alice 42 Jakarta"),
        ("Name\u2028Surname", "Name Surname", "Name\nSurname"),
        ("Name\vSurname", "Name Surname", "Name\nSurname"),
        ("Name\fSurname", "Name Surname", "Name\nSurname"),
        ("Name\u2002Surname", "Name\u2002Surname", "Name\u2002Surname"),
        ("Name\u2007Surname", "Name\u2007Surname", "Name\u2007Surname"),
        ("\u202eName\u2066 Surname", "Name Surname", "Name Surname"),
        ("Name\x00Surname", "Name Surname", "Name Surname"),
    ],
)
def test_it_never_glues_words_together(town: Town, typed: str, name: str, words: str) -> None:
    account = town.send("accounts/me/", {"display_name": typed, "bio": typed}, "patch")
    assert (account["display_name"], account["bio"]) == (name, words)
    assert town.send("posts/", {"text": typed})["text"] == words
    at = (timezone.now() + timedelta(hours=2)).isoformat()
    made = town.send("spaces/", {"title": typed, "topics": [typed], "scheduled_for": at})
    assert (made["title"], made["topics"]) == (name, [name])


@pytest.mark.parametrize("typed", ["\u3164", "\u2800", "\ufe0f", "\u200d\x01", "\U000e0067\u00ad"])
def test_it_refuses_what_looks_empty(town: Town, typed: str) -> None:
    refused = {
        "posts/": {"text": typed},
        "fleets/": {"text": typed},
        "messages/to/budi/": {"text": typed},
        "conversations/": {"name": typed, "people": ["budi"]},
        "muted-words/": {"word": typed},
        "spaces/": {"title": typed},
        "drafts/": {"texts": [typed]},
    }
    for path, body in refused.items():
        sent = json.dumps(body)
        answer = town.client.post(f"/api/v1/{path}", sent, content_type="application/json")
        assert 400 <= answer.status_code < 500, path
    # Without a name people are shown by their handle.
    assert town.send("accounts/me/", {"display_name": typed}, "patch")["name"] == "maya"


def test_it_takes_a_joined_emoji_in_a_poll_and_says_which_option_is_too_long(town: Town) -> None:
    options = ["\U0001f469\u200d\U0001f4bb Yes", "x" * 51]
    body = json.dumps({"text": "?", "poll": {"options": options, "lasts_s": 3600}})
    answer = town.client.post("/api/v1/posts/", body, content_type="application/json")
    assert "at most 50 characters" in answer.content.decode()
    options[1] = "\u202e" * 20 + "No"
    made = town.send("posts/", {"text": "?", "poll": {"options": options, "lasts_s": 3600}})
    assert [one["text"] for one in made["poll"]["options"]] == [options[0], "No"]
