"""A draft loses nothing between keeping, opening and publishing, and takes nothing that is
another's.
"""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from accounts.models import User
from config.limits import LIMITS
from posts import files
from posts.models import Draft, DraftImage, Post, PostImage, VoiceClip
from posts.services import composing, draft_media, drafts, voice
from posts.services.composing import Composed
from posts.services.draft_media import DraftMedia, KeptImage
from posts.services.drafts import ComposerFields
from posts.services.posting import Picture

WORDS = ComposerFields(["By the river"])


def picture(alt: str = "", size: int = 4) -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (size, size)).save(out, "WEBP")
    return Picture(out.getvalue(), alt)


def clip_of(owner: User, **fields: object) -> VoiceClip:
    return VoiceClip.objects.create(owner=owner, state="ready", duration_ms=1000, **fields)


def kept_of(draft: Draft) -> list[KeptImage]:
    return [KeptImage(image.pk, image.alt) for image in draft.images.all()]


def code_of(author: User, media: DraftMedia, draft_id: int | None = None) -> str:
    with pytest.raises(ValidationError) as refused:
        drafts.save(author, WORDS, media=media, draft_id=draft_id)
    return str(refused.value.code)


def test_it_keeps_pictures_with_their_words_and_hands_them_to_the_post(maya: User) -> None:
    draft = drafts.save(
        maya, WORDS, media=DraftMedia(added=[picture("a boat"), picture("a bridge", 9)])
    )
    found = drafts.find(maya, draft.pk)
    assert found
    assert [(image.alt, image.width) for image in found.images.all()] == [
        ("a boat", 4),
        ("a bridge", 9),
    ]
    images = draft_media.pictures_of(maya, draft.pk, kept_of(found))
    post = composing.publish(maya, Composed(["By the river"], images=images, draft_id=draft.pk))[0]
    assert [(image.alt, image.width) for image in post.images.all()] == [
        ("a boat", 4),
        ("a bridge", 9),
    ]
    assert all(default_storage.exists(str(image.file)) for image in PostImage.objects.all())
    assert not DraftImage.objects.exists()


def test_it_keeps_a_recording_until_it_is_published(maya: User) -> None:
    clip = clip_of(maya)
    draft = drafts.save(maya, ComposerFields([""]), media=DraftMedia(voice_id=clip.pk))
    VoiceClip.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert voice.sweep() == 0
    voice.discard(maya, clip.pk)
    assert drafts.of(maya)[0].voice == clip, "the recorder's button forgets no recording of a draft"
    post = composing.publish(maya, Composed([""], voice_id=clip.pk, draft_id=draft.pk))[0]
    assert (post.voice, Draft.objects.count()) == (clip, 0)


def test_it_is_enough_to_keep_a_picture_or_a_recording_without_words(maya: User) -> None:
    for media in (DraftMedia(added=[picture()]), DraftMedia(voice_id=clip_of(maya).pk)):
        assert drafts.save(maya, ComposerFields([""]), media=media).pk


def test_it_changes_pictures_when_it_is_kept_anew(
    maya: User,
    django_capture_on_commit_callbacks: Any,  # Any: the fixture has no type.
) -> None:
    draft = drafts.save(
        maya, WORDS, media=DraftMedia(added=[picture("one"), picture("two"), picture("three")])
    )
    one, two, three = draft.images.all()
    with django_capture_on_commit_callbacks(execute=True):
        media = DraftMedia(
            [KeptImage(three.pk, "third"), KeptImage(one.pk, "first")], [picture("four")]
        )
        drafts.save(maya, WORDS, media=media, draft_id=draft.pk)
    assert [image.alt for image in draft.images.all()] == ["third", "first", "four"]
    assert not default_storage.exists(str(two.file))
    assert default_storage.exists(str(one.file))


def test_it_refuses_pictures_of_others_and_of_other_drafts(maya: User, budi: User) -> None:
    theirs = drafts.save(budi, WORDS, media=DraftMedia(added=[picture()])).images.get()
    mine, other = (drafts.save(maya, WORDS, media=DraftMedia(added=[picture()])) for _ in range(2))
    image = other.images.get()
    for kept in (
        [KeptImage(theirs.pk)],
        [KeptImage(image.pk)],
        [KeptImage(0)],
        [KeptImage(mine.images.get().pk)] * 2,
    ):
        assert code_of(maya, DraftMedia(kept), mine.pk) == "unknown_picture"
        with pytest.raises(ValidationError):
            draft_media.pictures_of(maya, mine.pk, kept)
    with pytest.raises(ValidationError):
        draft_media.pictures_of(maya, theirs.draft_id, [KeptImage(theirs.pk)])
    assert code_of(maya, DraftMedia([KeptImage(image.pk)])) == "unknown_picture", (
        "a new draft has none yet"
    )
    assert DraftImage.objects.count() == 3


def test_it_refuses_recordings_that_are_not_free(maya: User, budi: User) -> None:
    used, failed = clip_of(maya, claimed_at=timezone.now()), clip_of(maya)
    VoiceClip.objects.filter(pk=failed.pk).update(state="failed")
    for pk in (clip_of(budi).pk, used.pk, failed.pk, 0, 10**15):
        assert code_of(maya, DraftMedia(voice_id=pk)) == "unavailable"


def test_it_refuses_too_many_pictures(maya: User) -> None:
    full = drafts.save(maya, WORDS, media=DraftMedia(added=[picture()] * LIMITS.post_images))
    assert code_of(maya, DraftMedia(kept_of(full), [picture()]), full.pk) == "too_many"
    assert full.images.count() == LIMITS.post_images


def test_it_forgets_a_recording_that_was_published_without_it(maya: User) -> None:
    clip = clip_of(maya)
    draft = drafts.save(maya, WORDS, media=DraftMedia(voice_id=clip.pk))
    composing.publish(maya, Composed(["Said elsewhere"], voice_id=clip.pk))
    draft.refresh_from_db()
    assert draft.voice is None


def test_its_files_go_when_it_is_deleted(maya: User, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]  # As above.
    clip = clip_of(maya)
    clip.opus.save("x.ogg", ContentFile(b"OggS"))
    draft = drafts.save(maya, WORDS, media=DraftMedia(added=[picture()], voice_id=clip.pk))
    names = [str(draft.images.get().file), str(clip.opus)]
    assert all(map(default_storage.exists, names))
    with django_capture_on_commit_callbacks(execute=True):
        assert drafts.delete(maya, draft.pk)
    assert not any(map(default_storage.exists, names))
    assert (VoiceClip.objects.count(), DraftImage.objects.count()) == (0, 0)


def test_a_recording_that_no_draft_keeps_any_more_is_swept(maya: User) -> None:
    clip = clip_of(maya)
    draft = drafts.save(maya, WORDS, media=DraftMedia(voice_id=clip.pk))
    drafts.save(maya, WORDS, draft_id=draft.pk)
    VoiceClip.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert voice.sweep() == 1


def test_files_without_a_draft_are_swept_once_they_are_old(
    maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = str(drafts.save(maya, WORDS, media=DraftMedia(added=[picture()])).images.get().file)
    orphan = default_storage.save("drafts/orphan.webp", ContentFile(b"RIFF"))
    draft_media.sweep_files()
    assert default_storage.exists(orphan), "it may belong to a save that is under way"
    monkeypatch.setattr(files, "ORPHAN_S", -10)
    draft_media.sweep_files()
    assert (default_storage.exists(orphan), default_storage.exists(kept)) == (False, True)


def test_a_refused_post_leaves_the_draft_whole(maya: User) -> None:
    draft = drafts.save(maya, WORDS, media=DraftMedia(added=[picture()]))
    images = draft_media.pictures_of(maya, draft.pk, kept_of(draft))
    with pytest.raises(ValidationError):
        composing.publish(maya, Composed(["x" * 300], images=images, draft_id=draft.pk))
    assert (draft.images.count(), Post.objects.count()) == (1, 0)
