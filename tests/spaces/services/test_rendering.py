"""The whole way from a packet log to a replay and a clip.

With the real renderer in its child process.
"""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import User
from posts.models import Post
from spaces.models import Clip, Recording
from spaces.services import clips, rendering, replays, signed_urls
from tests.media_relay.egress.studio import sentences, voice
from tests.media_relay.egress.tape import Tape
from tests.spaces import archive
from tests.spaces.town import people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
PACKET_MS = 20


def say(tape: Tape, slot: int, user: User, name: str, at_ms: int) -> int:
    """Let somebody say a sentence into a slot; return when it is over."""
    packets = voice(name)
    for index, packet in enumerate(packets):
        tape.sound(slot, packet, at_ms + index * PACKET_MS)
    end_ms = at_ms + len(packets) * PACKET_MS
    tape.caption(str(user.pk), sentences()[name], at_ms, end_ms)
    return end_ms


def record(recording: Recording, ayu: User, budi: User, post: Post) -> None:
    tape = Tape(recording.log_path).begin(0)
    tape.assign(0, active=str(ayu.pk), a0=str(ayu.pk), a1=str(budi.pk))
    tape.note(1_000, type="pin", post=post.pk)
    end_ms = say(tape, 0, ayu, "slt-sunday", 500)
    tape.assign(end_ms, active=str(budi.pk))
    end_ms = say(tape, 1, budi, "rms-train", end_ms + 500)
    tape.report(end_ms, [0, 1])
    tape.end(end_ms + 500)


def test_it_makes_a_replay_and_a_clip_of_what_egress_wrote() -> None:
    ayu, budi = people("ayu", "budi")
    post = Post.objects.create(author=ayu, text="the timetable")
    recording = archive.waiting(ayu)
    archive.came(recording.space, ayu)
    recording.space.attendances.create(user=budi, was_on_stage=True)
    for leftover in recording.log_path.iterdir():
        leftover.unlink()
    record(recording, ayu, budi, post)
    assert rendering.render(recording.pk)
    recording = Recording.objects.select_related("space").get(pk=recording.pk)
    assert (recording.state, recording.failure) == (Recording.State.READY, "")
    assert 8_000 < recording.duration_ms < 13_000
    assert [(line.name, line.text) for line in recording.space.transcript.all()] == [
        ("ayu", sentences()["slt-sunday"]),
        ("budi", sentences()["rms-train"]),
    ]
    assert [at // 1_000 for at, _ in replays.pins_for(recording, None)] == [1]
    assert recording.chapters and recording.chapters[0]["name"] == "ayu"
    folder = Path(settings.MEDIA_ROOT) / recording.media_name
    assert recording.sizes[rendering.VIDEO] == (folder / rendering.VIDEO).stat().st_size
    part = Client().get(
        signed_urls.replay_url(recording, rendering.VIDEO, None), headers={"range": "bytes=4-7"}
    )
    assert (part.status_code, part.content) == (206, b"ftyp")

    clip = clips.cut(recording, budi, 1_000, 5_000)
    assert clips.due(timezone.now()) == [clip.pk] and clips.render(clip.pk)
    clip.refresh_from_db()
    assert clip.state == Clip.State.READY
    for name, at, sign in ((clips.VIDEO, 4, b"ftyp"), (clips.POSTER, 0, b"\xff\xd8")):
        assert (
            Client().get(signed_urls.clip_url(clip, name, None)).content[at : at + len(sign)]
            == sign
        )


def test_it_says_that_an_empty_log_is_empty() -> None:
    [ayu] = people("ayu")
    recording = archive.waiting(ayu)
    for leftover in recording.log_path.iterdir():
        leftover.unlink()
    rendering.render(recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.failure) == (Recording.State.FAILED, "empty")


def test_it_marks_what_was_not_recorded_among_the_chapters() -> None:
    def said(start_ms: int, end_ms: int) -> dict[str, object]:
        return {"start_ms": start_ms, "end_ms": end_ms, "user": 1, "name": "Ayu"}

    def hole(start_ms: int, end_ms: int) -> dict[str, object]:
        return {"start_ms": start_ms, "end_ms": end_ms}

    found = rendering.with_gaps([said(0, 9000), said(9000, 20_000)], [hole(5000, 12_000)])
    assert [(one["start_ms"], one["end_ms"], one["name"]) for one in found] == [
        (0, 5000, "Ayu"),
        (5000, 12_000, ""),
        (12_000, 20_000, "Ayu"),
    ]
    assert [one.get("is_gap", False) for one in found] == [False, True, False]
    assert rendering.with_gaps([said(0, 9000)], [hole(5000, 5900)]) == [said(0, 9000)]
