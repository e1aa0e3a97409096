"""Any text of Unicode into every field, by services, forms and the API: kept as `config.text` says,
or refused for its real reason; and what is written of it is well formed.

The seed is fixed and the examples are few, so that the run is the same each time and short. To look
further:

    TEXT_EXAMPLES=2000 pytest tests/test_any_text.py
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern
from typing import Any
from xml.etree import ElementTree

import pytest
from django import forms
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Value
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from rest_framework.exceptions import ValidationError as Refusal

from accounts.extension_points.kinds import NotificationText
from accounts.models import Delivery, Report, User
from accounts.models.muted_word import FOLDED_CHARS
from accounts.moderation import appeals, decision_email, decisions, reports
from accounts.moderation.decisions import Reasons
from accounts.notifications import email
from accounts.services import muted_words, profiles
from config.http import rate_limits
from config.http import text_fields as form_fields
from config.limits import LIMITS
from config.rest import text_fields as rest_fields
from config.text import line, lines
from posts.models import Draft, Fleet
from posts.models.conversation import MESSAGE_CHARS
from posts.services import drafts, fleet_replies, fleets, groups, messaging, polls, posting
from posts.services.drafts import ComposerFields
from posts.services.polls import NewPoll
from spaces.models import Space, SpeakRequest, Topic, TranscriptLine
from spaces.rooms import commands, service
from spaces.rooms.errors import RoomError
from spaces.services import clips, scheduling, transcripts
from spaces.services.scheduling import SpaceDraft
from tests.accounts.people import browser_of, make_follow, person, staff_member
from tests.spaces import archive
from tests.spaces.town import be_in_room, live_space
from tests.test_cleaned_words import below, request_serializers, writable_fields

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(280)]
EXAMPLES = int(os.environ.get("TEXT_EXAMPLES", "25"))

# All planes, with what is not assigned, noncharacters and halves of pairs; and often what is odd.
ODD = st.sampled_from(
    "\x00\x01\t\n\v\f\r\x1b\x1f\x7f\x85\xa0\u00ad\u034f\u115f\u2002\u2007\u200b\u200c\u200d\u200e"
    "\u2028\u2029\u202e\u2066\u2800\u3164\ud83d\udc00\ufdd0\ufe0f\ufeff\ufff9\ufffe\uffff\ufdfa"
    "\U0001f469\U0001fa77\U000e0067\U000e007f\U0001fffe\U0010ffff ab&<]>;,\\\"'%{#@:=-"
)
CHARACTER = st.one_of(ODD, st.integers(0, 0x10FFFF).map(chr))
TEXT = st.one_of(st.text(CHARACTER, max_size=20), st.text(CHARACTER, min_size=20, max_size=400))
few = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    # The rows around an example do not change: each is undone.
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


@dataclass
class People:
    """Two who follow each other, one of the staff, and a live Space of Maya's with Budi in it."""

    maya: User
    budi: User
    staff: User
    live: Space
    said: TranscriptLine


@pytest.fixture
def people() -> People:
    maya, budi = person("maya"), person("budi")
    make_follow(maya, budi)
    make_follow(budi, maya)
    recording = archive.replay(maya, [(maya.pk, 0, 1500, "hello")])
    live = live_space(maya)
    be_in_room(live, budi)
    said = TranscriptLine.objects.get(space=recording.space)
    return People(maya, budi, staff_member(), live, said)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(rate_limits, "hit", lambda name, who: True)
    yield


@contextmanager
def undone() -> Iterator[None]:
    """Take back what the block writes, so that examples do not meet each other's rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- services ---------------------------------------------------------------------------------------


def post(people: People, text: str) -> str:
    return posting.publish(people.maya, text).text


def edited_post(people: People, text: str) -> str:
    made = posting.publish(people.maya, "Before")
    return posting.edit(people.maya, made, text).text


def poll_option(people: People, text: str) -> str:
    # No text is the same as the other option, which would be a refusal of its own.
    options = [text, "the other option of this poll"]
    made = posting.publish(people.maya, "?", poll=NewPoll(options, 3600))
    return polls.results_of([made], people.maya)[made.pk].options[0].text


def message(people: People, text: str) -> str:
    return messaging.send(people.maya, people.budi, text).text


def fleet_reply(people: People, text: str) -> str:
    shown = fleets.publish(people.budi, "Morning", None, Fleet.Audience.PUBLIC)
    sent = fleet_replies.reply(people.maya, shown, text, "/fleets/1/")
    return sent.text.removesuffix("\n/fleets/1/")


def group_name(people: People, text: str) -> str:
    return groups.make(people.maya, text, [people.budi]).name


def fleet(people: People, text: str) -> str:
    return fleets.publish(people.maya, text, None, Fleet.Audience.PUBLIC).text


def draft(people: People, text: str) -> str:
    made = drafts.save(people.maya, ComposerFields([text]))
    return drafts.fields_of(Draft.objects.get(pk=made.pk)).texts[0]


def display_name(people: People, text: str) -> str:
    people.maya.display_name = text[: LIMITS.display_name_chars]
    profiles.save_profile(people.maya, [])
    return people.maya.display_name


def bio(people: People, text: str) -> str:
    people.maya.bio = text[: LIMITS.bio_chars]
    profiles.save_profile(people.maya, [])
    return people.maya.bio


def space_title(people: People, text: str) -> str:
    return scheduling.open_now(people.budi, SpaceDraft(text)).title


def renamed_space(people: People, text: str) -> str:
    command = commands.UpdateRoom(title=text)
    return service.execute(people.live.public_id, service.actor_of(people.maya), command).title


def correction(people: People, text: str) -> str:
    return transcripts.correct(people.said, people.maya, text).text


def clip_title(people: People, text: str) -> str:
    return clips.cut(people.said.space.recording, people.budi, 0, 5000, text).title


def request_reason(people: People, text: str) -> str:
    # The parser of the socket refuses a longer one.
    command = commands.RequestToSpeak(reason=text[: LIMITS.request_reason_chars])
    service.execute(people.live.public_id, service.actor_of(people.budi), command)
    return SpeakRequest.objects.get().reason


def report(people: People, text: str) -> str:
    reports.report(people.budi, "person", people.maya.pk, Report.Reason.SPAM, text)
    return Report.objects.get().text


def staff_note(people: People, text: str) -> str:
    return decisions.suspend(people.maya, people.staff, Reasons("spam", text)).note


def appeal(people: People, text: str) -> str:
    made = decisions.suspend(people.maya, people.staff, Reasons("spam", ""))
    return appeals.appeal(made, text).text


@dataclass(frozen=True)
class Field:
    """What a service takes; `most` None: it, or whoever calls it, has no bound below TEXT's."""

    write: Callable[[People, str], str]
    clean: Callable[[str], str]
    most: int | None = None
    may_be_empty: bool = False
    cut: int | None = None


FIELDS = [
    Field(post, lines, LIMITS.post_chars),
    Field(edited_post, lines, LIMITS.post_chars),
    Field(poll_option, line, LIMITS.poll_option_chars),
    Field(message, lines, MESSAGE_CHARS),
    Field(fleet_reply, lines, fleet_replies.REPLY_CHARS),
    Field(group_name, line, LIMITS.group_name_chars),
    Field(fleet, lines, LIMITS.fleet_chars),
    Field(draft, lines, drafts.MOST_CHARS),
    Field(display_name, line, may_be_empty=True, cut=LIMITS.display_name_chars),
    Field(bio, lines, may_be_empty=True, cut=LIMITS.bio_chars),
    Field(space_title, line, LIMITS.space_title_chars),
    Field(renamed_space, line, LIMITS.space_title_chars),
    Field(correction, line, LIMITS.caption_chars),
    Field(clip_title, line, LIMITS.space_title_chars, may_be_empty=True),
    Field(request_reason, line, may_be_empty=True, cut=LIMITS.request_reason_chars),
    Field(report, lines, may_be_empty=True),
    Field(staff_note, lines, may_be_empty=True),
    Field(appeal, lines, may_be_empty=True),
]
# What the codes of refusals say of the text; one code of the room stands for both.
SAID: dict[str | None, str] = {
    **dict.fromkeys(("empty", "no_name", "poll_options"), "empty"),
    **dict.fromkeys(("too_long", "name_too_long", "poll_option_long"), "too long"),
}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.write.__name__)
def test_it_keeps_any_text_or_refuses_it_for_its_real_reason(people: People, field: Field) -> None:
    @few
    @given(TEXT)
    def check(text: str) -> None:
        expected = field.clean(text[: field.cut])
        is_too_long = field.most is not None and len(expected) > field.most
        is_missing = not expected and not field.may_be_empty
        real = "too long" if is_too_long else "empty" if is_missing else ""
        with undone():
            try:
                kept = field.write(people, text)
            except ValidationError as error:
                assert SAID[error.code] == real
            except RoomError:
                assert real
            else:
                assert (kept, real) == (expected, "")

    check()


def test_it_keeps_any_muted_word_or_refuses_it(people: People) -> None:
    @few
    @given(TEXT)
    def check(text: str) -> None:
        with undone():
            try:
                assert muted_words.add(people.maya, text).word == line(text)
            except ValidationError as error:
                folded = muted_words.fold(line(text))
                is_empty = not folded.strip("#")
                # Folding lengthens: what a column cannot hold is too long, too.
                is_long = len(line(text)) > LIMITS.muted_word_chars or len(folded) > FOLDED_CHARS
                assert SAID[error.code] == ("empty" if is_empty else "too long" if is_long else "")

    check()


def test_it_keeps_any_topic_or_refuses_it(people: People) -> None:
    @few
    @given(TEXT)
    def check(text: str) -> None:
        expected = line(line(text).lstrip("#"))
        with undone():
            try:
                space = scheduling.open_now(people.budi, SpaceDraft("Tea", topics=[text]))
            except RoomError:
                assert max(len(expected), len(expected.casefold())) > LIMITS.topic_chars
            else:
                names = list(space.topics.values_list("name", flat=True))
                assert names == ([expected] if expected else [])

    check()


# --- fields of forms and of the API -----------------------------------------------------------------


def word_fields_of_forms() -> list[forms.CharField]:
    kinds = (form_fields.LineField, form_fields.LinesField)
    return [
        field
        for form in below(forms.BaseForm)
        for field in getattr(form, "base_fields", {}).values()
        if isinstance(field, kinds)
    ]


@few
@given(TEXT)
def test_it_takes_any_text_in_a_form_or_refuses_it_for_its_real_reason(text: str) -> None:
    for field in word_fields_of_forms():
        expected = line(text) if isinstance(field, form_fields.LineField) else lines(text)
        try:
            assert field.clean(text) == expected
        except ValidationError as error:
            reasons = {one.code for one in error.error_list}
            is_too_long = field.max_length is not None and len(expected) > field.max_length
            assert reasons == {"max_length" if is_too_long else "required"}
            assert is_too_long or not expected


@few
@given(TEXT)
def test_it_takes_any_text_by_the_api_or_refuses_it_for_its_real_reason(text: str) -> None:
    kinds = (rest_fields.LineField, rest_fields.LinesField)
    # Any: fields of any kind.
    leaves: list[tuple[str, Any]] = [
        one for serializer in request_serializers() for one in writable_fields(serializer)
    ]
    for _name, field in leaves:
        if not isinstance(field, kinds):
            continue
        expected = line(text) if isinstance(field, rest_fields.LineField) else lines(text)
        try:
            assert field.run_validation(text) == expected
        except Refusal as error:
            is_too_long = field.max_length is not None and len(expected) > field.max_length
            assert error.get_codes() == (["max_length"] if is_too_long else ["blank"])
            assert is_too_long or not expected


@pytest.mark.parametrize(
    ("path", "method", "name", "clean", "most"),
    [
        ("posts/", "post", "text", lines, LIMITS.post_chars),
        ("fleets/", "post", "text", lines, LIMITS.fleet_chars),
        ("messages/to/budi/", "post", "text", lines, MESSAGE_CHARS),
        ("muted-words/", "post", "word", line, LIMITS.muted_word_chars),
        ("accounts/me/", "patch", "display_name", line, LIMITS.display_name_chars),
        ("accounts/me/", "patch", "bio", lines, LIMITS.bio_chars),
        ("spaces/", "post", "title", line, LIMITS.space_title_chars),
    ],
)
def test_it_answers_any_text_over_http(
    people: People, path: str, method: str, name: str, clean: Callable[[str], str], most: int
) -> None:
    client = browser_of(people.budi if path == "spaces/" else people.maya)

    @few
    @given(TEXT)
    def check(text: str) -> None:
        with undone():
            body = json.dumps({name: text})
            answer = getattr(client, method)(
                f"/api/v1/{path}", body, content_type="application/json"
            )
            if answer.status_code in (200, 201):
                assert answer.json()[name] == clean(text)
                return
            assert answer.status_code == 400
            is_half = text != text.encode("utf-8", "replace").decode()
            is_unfoldable = path == "muted-words/" and (
                not muted_words.fold(clean(text)).strip("#") or "\ufdfa" in text
            )
            assert not clean(text) or len(clean(text)) > most or is_half or is_unfoldable

    check()


# --- what is written from rows, whatever stands in them ----------------------------------------------


def storable(text: str) -> str:
    """Return what an older version could have put into a row of this database."""
    kept = text.encode("utf-8", "ignore").decode()
    return kept.replace("\x00", "") if connection.vendor == "postgresql" else kept


# A title is not empty, says a constraint of its row.
STORED = TEXT.map(storable).filter(bool)


def put_everywhere(text: str) -> None:
    """Write past the fields that clean, as expressions do."""
    name = Value(text[:50])
    Space.objects.update(title=name)
    Topic.objects.update(name=Value(text[:30]))
    User.objects.update(display_name=name, bio=Value(text[:160]))
    TranscriptLine.objects.update(name=name, text=Value(text))


def test_it_writes_feeds_that_parse_whatever_stands_in_the_rows(people: People) -> None:
    topic, _ = Topic.objects.get_or_create(key="tea", defaults={"name": "tea"})
    people.live.topics.add(topic)
    visitor = Client()

    @few
    @given(STORED)
    def check(text: str) -> None:
        with undone():
            put_everywhere(text)
            for path in ("feed.xml", "podcast.xml"):
                body = visitor.get(f"/spaces/of/maya/{path}").content
                item = ElementTree.fromstring(body).find("channel/item")
                assert item is not None
                assert (item.findtext("title") or "") == lines(text[:50])

    check()


def test_it_writes_calendars_that_parse_whatever_stands_in_the_rows(people: People) -> None:
    at = timezone.now() + timedelta(hours=2)
    space = scheduling.schedule(people.maya, SpaceDraft("Tea", topics=["tea"]), at)
    visitor = Client()

    @few
    @given(STORED)
    def check(text: str) -> None:
        with undone():
            put_everywhere(text)
            for path in (f"{space.public_id}/calendar.ics", "of/maya/calendar.ics"):
                body = visitor.get(f"/spaces/{path}").content
                assert b"\n" not in body.replace(b"\r\n", b"")
                (event,) = Calendar.from_ical(body).walk("VEVENT")
                assert str(event["summary"]) == line(text[:50])
                assert str(event["description"]).endswith(space.get_absolute_url())

    check()


def test_it_writes_webvtt_that_parses_whatever_stands_in_the_rows(people: People) -> None:
    @few
    @given(STORED)
    def check(text: str) -> None:
        with undone():
            put_everywhere(text)
            file = transcripts.as_vtt(transcripts.lines_for(people.said.space, people.maya))
            if not line(text):
                assert file == "WEBVTT\n"
                return
            head, cue = file.removesuffix("\n").split("\n\n")
            # Also at what ends a line to a careless parser.
            times, spoken = cue.splitlines()
            assert (head, times) == ("WEBVTT", "00:00:00.000 --> 00:00:01.500")
            assert "-->" not in spoken

    check()


def test_it_writes_mails_that_parse_whatever_stands_in_the_rows(people: People) -> None:
    delivery = Delivery(pk=1, recipient=people.budi)
    decision = decisions.suspend(people.budi, people.staff, Reasons("spam", "x"))

    @few
    @given(STORED)
    def check(text: str) -> None:
        with undone():
            put_everywhere(text)
            mail.outbox.clear()
            people.budi.refresh_from_db()
            email.send_notification(delivery, NotificationText(text, text, "/", "tag"))
            decision.note = text
            decision_email.send(decision)
            noted, decided = (parsed(letter) for letter in mail.outbox)
            # Python's parser leaves the blank of a folded line.
            assert str(noted["subject"]).strip() == line(f"{text}: {text}")
            for letter in (noted, decided):
                assert letter["to"] and not letter.defects
                (plain,) = [
                    part for part in letter.walk() if part.get_content_type() == "text/plain"
                ]
                assert line(text) in line(plain.get_content())

    check()


# Any: a message of Django's, and one of the library.
def parsed(letter: Any) -> Any:
    return message_from_bytes(letter.message().as_bytes(), policy=modern)
