"""Feeds, calendars and transcripts of a host: well formed whatever people wrote, or wrote once."""

import json
from xml.etree import ElementTree

import pytest
from django.db.models import Value
from django.test import Client
from icalendar import Calendar

from accounts.models import User
from spaces.models import Space, Topic, TranscriptLine
from spaces.services import scheduling, transcripts
from tests.accounts.people import browser_of
from tests.spaces import archive
from tests.spaces.town import live_space

# As versions before this rule let it through: control characters, half an override, what is no
# character of XML at all.
DIRTY = "a\x01b\x00\x0b\x1b\u202e\ufffe\uffff\U0001fffe\u2028--> <c>&]]>\r\nd"


def make_dirty() -> None:
    """Put into every row what cannot be written any more."""
    # Expressions go past the fields that clean.
    Space.objects.update(title=Value(_storable(DIRTY)))
    Topic.objects.update(name=Value(_storable("a\x01b")))
    User.objects.update(display_name=Value(_storable(DIRTY)), bio=Value(_storable(DIRTY)))


def _storable(text: str) -> str:
    """PostgreSQL never had a zero byte."""
    return text.replace("\x00", "")


@pytest.mark.parametrize("topic", ["a\x01b", "a\ufffeb", "a\ud83db", "\u202eab\u2028"])
def test_it_answers_a_host_s_feed_whatever_a_topic_was_typed_as(maya: User, topic: str) -> None:
    sent = {"title": "ok", "scheduled_for": None, "time_zone": "UTC", "topics": [topic]}
    client = browser_of(maya)
    answer = client.post("/api/v1/spaces/", json.dumps(sent), content_type="application/json")
    if answer.status_code == 400:
        assert "\ud83d" in topic  # Half a pair is no text at all.
        return
    scheduling.start(Space.objects.get(), maya)
    channel = feed_of(Client(), "/spaces/of/maya/feed.xml")
    assert channel.findtext("item/category") in ("a b", "ab")


def feed_of(client: Client, path: str) -> ElementTree.Element:
    answer = client.get(path)
    assert answer.status_code == 200
    channel = ElementTree.fromstring(answer.content).find("channel")
    assert channel is not None
    return channel


def test_it_writes_a_feed_that_parses_from_rows_of_before(maya: User) -> None:
    live_space(maya, topics=["tea"])
    make_dirty()
    channel = feed_of(Client(), "/spaces/of/maya/feed.xml")
    assert channel.findtext("item/category") == "a b"
    assert (channel.findtext("item/title") or "").startswith("a b")


def test_it_writes_a_podcast_that_parses_from_rows_of_before(maya: User) -> None:
    archive.replay(maya)
    make_dirty()
    channel = feed_of(Client(), "/spaces/of/maya/podcast.xml")
    assert (channel.findtext("item/title") or "").startswith("a b")


def test_it_writes_a_calendar_that_parses_from_rows_of_before(maya: User) -> None:
    space = live_space(maya, topics=["tea"])
    make_dirty()
    for path in (f"/spaces/{space.public_id}/calendar.ics", "/spaces/of/maya/calendar.ics"):
        body = Client().get(path).content
        # A line end alone ends a line for some readers (RFC 5545 §3.1).
        assert b"\r" not in body.replace(b"\r\n", b"") and b"\x01" not in body
        for event in Calendar.from_ical(body).walk("VEVENT"):
            assert str(event["summary"]).startswith("a b")


def test_it_writes_webvtt_from_rows_of_before(maya: User) -> None:
    recording = archive.replay(maya, [(maya.pk, 0, 1500, "x")])
    TranscriptLine.objects.update(
        name=Value(_storable(DIRTY)), text=Value(_storable(f"{DIRTY}\n\n{DIRTY}"))
    )
    text = transcripts.as_vtt(transcripts.lines_for(recording.space, maya))
    head, cue = text.rstrip("\n").split("\n\n")
    times, spoken = cue.split("\n")
    assert (head, times) == ("WEBVTT", "00:00:00.000 --> 00:00:01.500")
    assert spoken.startswith("<v a b") and spoken.endswith("</v>") and "--> " not in spoken


def test_it_finds_a_corrected_line_again_however_the_engine_spaced_it(maya: User) -> None:
    said = [(maya.pk, 0, 1500, "good\x01 \u202emorning ")]
    recording = archive.replay(maya, said)
    line = TranscriptLine.objects.get()
    assert line.said == "good morning"
    transcripts.correct(line, maya, "Good morning!\u2028")
    told = archive.report(said)
    transcripts.replace_with_rendered(recording.space, told["captions"])
    assert TranscriptLine.objects.get().text == "Good morning!"
