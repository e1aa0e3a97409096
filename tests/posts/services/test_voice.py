"""Voice clips from the upload to the ear.

The background tasks are called by hand; that they are sent is tested too.
"""

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO

import av
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from accounts.services import relationships
from config.celery import app
from config.limits import LIMITS
from posts.media import transcript, voice_encoder
from posts.models import Post, VoiceClip
from posts.services import posting, voice
from tests.accounts.people import make_follow, person
from tests.posts.sounds import SPEECH, tone

Sent = list[tuple[str, int]]


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:
    tasks: Sent = []

    def record(name: str, args: list[int], **_options: object) -> None:
        if name.endswith("_clip"):  # Not what publishing a post starts.
            tasks.append((name.rpartition(".")[2], args[0]))

    monkeypatch.setattr(app, "send_task", record)
    yield tasks


def ready(owner: User) -> VoiceClip:
    clip = voice.take_in(owner, ContentFile(SPEECH.read_bytes()))
    assert voice.prepare(clip.pk) == "ready"
    clip.refresh_from_db()
    return clip


def stored() -> list[str]:
    folder = Path(settings.MEDIA_ROOT) / "voice"
    return sorted(path.suffix for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture(autouse=True)
def empty_storage(own_data_dir: None) -> None:
    """What other tests left is not this one's."""
    for path in (Path(settings.MEDIA_ROOT) / "voice").glob("*"):
        path.unlink()


@pytest.mark.django_db(transaction=True)
def test_it_makes_two_files_of_an_upload_and_keeps_nothing_of_it(maya: User, sent: Sent) -> None:
    clip = ready(maya)
    assert stored() == [".m4a", ".ogg"]
    assert (clip.duration_ms, len(clip.waveform), max(clip.waveform)) == (3610, 58, 100)
    assert sent == [("prepare_clip", clip.pk), ("transcribe_clip", clip.pk)]


@pytest.mark.parametrize(
    ("field", "codec", "form"), [("opus", "opus", "ogg"), ("m4a", "aac", "mov,mp4,m4a,3gp,3g2,mj2")]
)
def test_it_writes_what_browsers_play(maya: User, field: str, codec: str, form: str) -> None:
    clip = ready(maya)
    with (
        getattr(clip, field).open() as file,
        av.open(io.BytesIO(file.read()), mode="r") as container,
    ):
        (stream,) = container.streams.audio
        assert len(container.streams) == 1
        assert (
            stream.codec_context.name,
            container.format.name,
            stream.codec_context.sample_rate,
        ) == (
            codec,
            form,
            48000,
        )
        assert sum(frame.samples for frame in container.decode(audio=0)) / 48000 == pytest.approx(
            3.6, abs=0.1
        )
        assert {
            key
            for key in container.metadata
            if key not in {"major_brand", "minor_version", "compatible_brands"}
        } <= {"encoder"}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<html>", "not_audio"),
        (b"RIFF" + bytes(LIMITS.sound_bytes), "too_big"),
        (b"#EXTM3U\n", "not_audio"),
        (b"OggS" * 9, "not_audio"),
        (tone(143), "too_long"),
    ],
)
def test_it_refuses_at_sight_what_is_no_recording(maya: User, data: bytes, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        voice.take_in(maya, ContentFile(data))
    assert refused.value.code == code
    assert stored() == []


@pytest.mark.parametrize(
    ("data", "code"),
    [(tone(0.2), "too_short"), (tone(2)[: 8000 // 2], "too_short")],
)
def test_it_says_why_a_recording_cannot_be_read_and_stores_nothing(
    maya: User, data: bytes, code: str
) -> None:
    clip = voice.take_in(maya, ContentFile(data))
    assert voice.prepare(clip.pk) == "failed"
    clip.refresh_from_db()
    assert (clip.reason, stored()) == (code, [])
    with pytest.raises(ValidationError) as refused:
        voice.claim(maya, clip.pk)
    assert refused.value.code == code


def test_it_takes_140_seconds_whole(maya: User) -> None:
    clip = voice.take_in(maya, ContentFile(tone(140.5)))
    voice.prepare(clip.pk)
    clip.refresh_from_db()
    assert (clip.state, clip.duration_ms) == ("ready", 140_000)


def test_it_prepares_once_when_two_workers_get_the_task(
    maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = voice.take_in(maya, ContentFile(SPEECH.read_bytes()))
    reencode = voice_encoder.reencode

    def reencode_slowly(file: IO[bytes], most_s: int) -> voice_encoder.EncodedClip:
        monkeypatch.setattr(voice_encoder, "reencode", reencode)
        assert voice.prepare(clip.pk) == "ready", "the other worker is faster"
        return reencode(file, most_s)

    monkeypatch.setattr(voice_encoder, "reencode", reencode_slowly)
    assert voice.prepare(clip.pk) == "ready"
    assert stored() == [".m4a", ".ogg"], "the files of the slower one are gone"
    assert voice.prepare(clip.pk) == ""


def test_it_gives_a_clip_to_one_post_of_its_owner(maya: User, noor: User) -> None:
    clip = ready(maya)
    for owner, pk in ((noor, clip.pk), (maya, 0), (maya, 10**15)):
        with pytest.raises(ValidationError, match="not there any more"):
            voice.claim(owner, pk)
    assert posting.publish(maya, "", voice_id=clip.pk).voice == clip
    with pytest.raises(ValidationError, match="not there any more"):
        posting.publish(maya, "Again", voice_id=clip.pk)


def test_it_gives_a_clip_back_when_the_post_is_refused(maya: User) -> None:
    clip = ready(maya)
    with pytest.raises(ValidationError):
        posting.publish(maya, "x" * 281, voice_id=clip.pk)
    assert posting.publish(maya, "Short", voice_id=clip.pk).voice_id == clip.pk


def test_it_takes_a_recording_or_pictures(maya: User) -> None:
    clip = ready(maya)
    with pytest.raises(ValidationError) as refused:
        posting.publish(maya, "Both", voice_id=clip.pk, images=[posting.Picture(b"")])
    assert refused.value.code == "one_kind"


def test_it_is_heard_by_those_who_may_read_the_post(maya: User, noor: User, budi: User) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    clip = ready(citra)
    assert [voice.may_hear(who, clip) for who in (citra, budi, noor, None)] == [
        True,
        False,
        False,
        False,
    ]
    posting.publish(citra, "", voice_id=clip.pk)
    clip.refresh_from_db()
    assert [voice.may_hear(who, clip) for who in (citra, budi, noor, None)] == [
        True,
        True,
        False,
        False,
    ]
    relationships.block(citra, budi)
    assert not voice.may_hear(budi, clip)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["post", "person"])
def test_it_loses_its_files_with_the_post_and_with_the_person(maya: User, way: str) -> None:
    post = posting.publish(maya, "", voice_id=ready(maya).pk)
    if way == "post":
        posting.delete(maya, post)
    else:
        maya.delete()
    assert (VoiceClip.objects.count(), Post.objects.count(), stored()) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_it_sweeps_what_nobody_took_within_an_hour(maya: User) -> None:
    old, new, used = ready(maya), ready(maya), ready(maya)
    posting.publish(maya, "", voice_id=used.pk)
    VoiceClip.objects.exclude(pk=new.pk).update(created_at=timezone.now() - timedelta(seconds=3601))
    assert voice.sweep() == 1
    assert not VoiceClip.objects.filter(pk=old.pk).exists()
    assert (VoiceClip.objects.count(), len(stored())) == (2, 4)


@pytest.mark.django_db(transaction=True)
def test_it_asks_again_for_a_clip_whose_task_was_lost_and_gives_up_in_the_end(
    maya: User, sent: Sent
) -> None:
    clip = voice.take_in(maya, ContentFile(SPEECH.read_bytes()))
    VoiceClip.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    voice.sweep()
    assert sent == [("prepare_clip", clip.pk)] * 2
    VoiceClip.objects.update(created_at=timezone.now() - timedelta(seconds=901))
    voice.sweep()
    clip.refresh_from_db()
    assert (clip.state, clip.reason, stored()) == ("failed", "too_slow", [])


def test_it_forgets_a_recording_on_request_but_not_a_used_one(maya: User, noor: User) -> None:
    unused, used = ready(maya), ready(maya)
    posting.publish(maya, "", voice_id=used.pk)
    for owner, clip in ((noor, unused), (maya, used), (maya, unused)):
        voice.discard(owner, clip.pk)
    assert list(VoiceClip.objects.all()) == [used]


def test_it_writes_down_what_is_said(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = ready(maya)
    monkeypatch.setattr(transcript, "of", lambda opus, language: f"{len(opus) > 1000} {language}")
    voice.transcribe(clip.pk)
    clip.refresh_from_db()
    assert (clip.words, clip.transcript) == ("ready", "True en")


def test_it_goes_without_words_where_no_engine_covers_the_language(
    maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = ready(maya)

    def refuse(opus: bytes, language: str) -> str:
        raise ValueError("no engine")

    monkeypatch.setattr(transcript, "of", refuse)
    voice.transcribe(clip.pk)
    clip.refresh_from_db()
    assert (clip.words, clip.transcript, clip.state) == ("unavailable", "", "ready")
