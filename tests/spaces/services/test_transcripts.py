"""What was said, kept only where it may be, corrected, and found again."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from spaces.models import Recording, Space, TranscriptLine
from spaces.rooms.errors import RoomError
from spaces.services import captions, transcripts
from tests.spaces import archive
from tests.spaces.town import live_space, people, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def host() -> User:
    return person("ayu")


def say(space: Space, user: User, text: str, after_s: float = 5) -> None:
    assert space.started_at is not None
    at = round((space.started_at.timestamp() + after_s) * 1000)
    captions.remember(space.public_id, captions.Line(user.pk, user.name, text, at))


def texts(space: Space) -> list[str]:
    return list(TranscriptLine.objects.filter(space=space).values_list("text", flat=True))


# --- kept or not ----------------------------------------------------------------------------------


def test_it_keeps_the_captions_of_a_space_whose_host_chose_that(host: User) -> None:
    space = live_space(host, transcript_wanted=True)
    say(space, host, "the river is low", 2)
    assert transcripts.store_captions(timezone.now()) == 1
    say(space, host, "lower than ever", 4)
    assert transcripts.store_captions(timezone.now()) == 1, (
        "What is stored already is not stored twice."
    )
    lines = TranscriptLine.objects.filter(space=space)
    assert [(line.name, line.text, line.start_ms) for line in lines] == [
        ("ayu", "the river is low", 2_000),
        ("ayu", "lower than ever", 4_000),
    ]


def test_it_stores_nothing_of_other_spaces(host: User) -> None:
    space = live_space(host)
    say(space, host, "between us")
    assert transcripts.store_captions(timezone.now()) == 0 and not TranscriptLine.objects.exists()


def test_it_leaves_recorded_spaces_to_their_replay(host: User) -> None:
    space = live_space(host, transcript_wanted=True)
    Recording.objects.create(space=space, started_at=timezone.now())
    say(space, host, "the replay has it")
    assert transcripts.store_captions(timezone.now()) == 0


def test_it_stores_the_last_words_after_the_end(host: User) -> None:
    space = live_space(host, transcript_wanted=True)
    say(space, host, "good night", 1)
    Space.objects.filter(pk=space.pk).update(state="ended", ended_at=timezone.now())
    assert transcripts.store_captions(timezone.now()) == 1
    assert transcripts.store_captions(timezone.now() + timedelta(minutes=6)) == 0


def test_it_forgets_lines_for_a_report_after_five_minutes(
    host: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = live_space(host)
    say(space, host, "now", time.time() - space.started_at.timestamp() if space.started_at else 0)
    assert [line.text for line in captions.recent(space)] == ["now"]
    later = time.time() + 301
    monkeypatch.setattr("spaces.services.captions.time.time", lambda: later)
    assert captions.recent(space) == []


# --- corrected ------------------------------------------------------------------------------------


def test_it_is_corrected_by_the_host_alone(host: User) -> None:
    recording = archive.replay(host, [(host.pk, 0, 1_000, "wreck a nice beach")])
    line = recording.space.transcript.get()
    for other in (person("budi"), person("citra", is_staff=True)):
        with pytest.raises(RoomError, match="not_allowed"):
            transcripts.correct(line, other, "mine")
    transcripts.correct(line, host, " recognise  speech\0 ")
    line.refresh_from_db()
    assert (line.text, line.said, line.is_corrected) == (
        "recognise speech",
        "wreck a nice beach",
        True,
    )


@pytest.mark.parametrize("text", ["", "   ", "\0", "x" * 501])
def test_it_refuses_empty_and_long_lines(text: str, host: User) -> None:
    line = archive.replay(host, [(host.pk, 0, 1_000, "hello")]).space.transcript.get()
    with pytest.raises(RoomError, match="bad_text"):
        transcripts.correct(line, host, text)


def test_it_takes_lines_of_people_who_are_gone(host: User) -> None:
    recording = archive.replay(host, [(10**9, 0, 1_000, "who was that"), (host.pk, 500, 900, "me")])
    assert [line.speaker_id for line in recording.space.transcript.all()] == [None, host.pk]


# --- found ----------------------------------------------------------------------------------------


def found(query: str, viewer: User | None) -> list[tuple[str, str]]:
    return [(each.space.host.handle, each.line.text) for each in transcripts.search(query, viewer)]


def test_it_finds_the_first_line_with_every_word(host: User) -> None:
    archive.replay(
        host,
        [
            (host.pk, 0, 1, "the dam"),
            (host.pk, 5, 9, "The dam broke in May"),
            (host.pk, 10, 11, "broke dam"),
        ],
    )
    assert found("dam broke", None) == [("ayu", "The dam broke in May")]
    assert found("dam flood", None) == [] == found("", None) == found('"%_', None)


def test_it_finds_what_was_said_in_any_form(host: User) -> None:
    archive.replay(host, [(host.pk, 0, 1, "Das Café in Zürich"), (host.pk, 5, 9, "東京へ行きます")])
    assert found("zurich cafe", None) == [("ayu", "Das Café in Zürich")]
    assert found("行きます", None) == found("京", None) == [("ayu", "東京へ行きます")]


def test_it_finds_corrected_words(host: User) -> None:
    line = archive.replay(host, [(host.pk, 0, 1, "wreck a nice beach")]).space.transcript.get()
    transcripts.correct(line, host, "recognise speech")
    assert found("speech", None) and not found("beach", None)


def test_it_finds_nothing_the_viewer_may_not_read(host: User) -> None:
    budi, citra = people("budi", "citra")
    recording = archive.replay(host, [(host.pk, 0, 1, "only for friends")])
    relationships.block(host, budi)
    assert found("friends", budi) == [] and found("friends", citra)
    Space.objects.filter(pk=recording.space_id).update(visitors_allowed=False)
    assert found("friends", None) == [] and found("friends", citra)
    Space.objects.filter(pk=recording.space_id).update(locked=True)
    assert found("friends", citra) == [] and found("friends", host)
    Recording.objects.update(state="deleted")
    assert found("friends", host) == [], "With the replay its words are gone."


def test_it_finds_kept_transcripts_without_a_recording(host: User) -> None:
    space = live_space(host, transcript_wanted=True)
    say(space, host, "volcano soil")
    transcripts.store_captions(timezone.now())
    assert found("volcano", None) == [("ayu", "volcano soil")]
    Space.objects.filter(pk=space.pk).update(transcript_wanted=False)
    assert found("volcano", None) == []


# --- as WebVTT ------------------------------------------------------------------------------------


def test_it_writes_webvtt_that_no_name_or_word_can_break(host: User) -> None:
    said = [(host.pk, 0, 1_500, "a < b & c --> d"), (host.pk, 3_661_001, 3_661_001, "late")]
    recording = archive.replay(host, said)
    TranscriptLine.objects.filter(start_ms=0).update(name="<b>Ayu>\n")
    assert transcripts.as_vtt(transcripts.lines_for(recording.space, None)) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.500\n<v &lt;b&gt;Ayu&gt;>a &lt; b &amp; c --&gt; d</v>\n\n"
        f"01:01:01.001 --> 01:01:01.002\n<v user {host.pk}>late</v>\n"
    )
