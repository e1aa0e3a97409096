"""Voice clips: uploaded, re-encoded in the background, claimed by a post or a message, played.

A form carries a clip as `voice=<id>`. What publishes it calls `claim(owner, id)` in the same
transaction.
"""

import secrets
import tempfile
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config import missing_parts
from config.celery import app
from config.limits import LIMITS
from config.missing_parts import Unavailable
from config.text import lines
from posts import files
from posts.media import transcript, voice_encoder
from posts.models import Draft, Message, Post, VoiceClip
from posts.models.voice import TRANSCRIPT_CHARS

UNCLAIMED_S = 3600
# A clip still pending after this lost its task, for example to a broker that was down.
RETRY_S = 60
GIVE_UP_S = 900
SWEEP_AT_ONCE = 200
RETRIED_AT_ONCE = 20  # Each is a process that decodes sound; the next sweep takes the rest.

REASONS: dict[str, str | Promise] = {
    "empty": _("The recording is empty."),
    "too_big": _("The recording is too big. %(megabytes)d MB is the most."),
    "not_audio": _(
        "That is not a recording we can read. Send MP3, M4A, AAC, WAV, AIFF, CAF, FLAC, Ogg, "
        "WebM or AMR, or record it here."
    ),
    "too_many_streams": _(
        "That file holds more than one recording. Send one with a single track of sound."
    ),
    "too_long": _("The recording is too long. %(max)d seconds is the most."),
    "too_short": _("The recording is too short to be heard."),
    "too_slow": _("The recording takes too long to read. Record it again."),
    "unavailable": _("This recording is not there any more. Record it again."),
}


def refusal(code: str) -> ValidationError:
    """Return the error that says `code` (of REASONS) in a sentence."""
    values = {"max": LIMITS.voice_clip_s, "megabytes": LIMITS.sound_bytes // 2**20}
    return ValidationError(str(REASONS[code]) % values, code=code)


def take_in(owner: User, upload: File[bytes]) -> VoiceClip:
    """Store an upload and have it prepared.

    Raises ValidationError for what cannot be read, as far as that is seen at once.
    """
    if not upload.size:
        raise refusal("empty")
    if upload.size > LIMITS.sound_bytes:
        raise refusal("too_big")
    clip = VoiceClip(owner=owner, language=(get_language() or "")[:8])
    try:
        # On disk, where the child reads what it needs; the web process never holds it whole.
        with tempfile.TemporaryFile(prefix="parley-sound-") as file:
            for chunk in upload.chunks():
                file.write(chunk)
            file.flush()
            voice_encoder.look(file, LIMITS.voice_clip_s)
            with transaction.atomic():
                clip.source.save(f"{secrets.token_urlsafe(16)}.upload", File(file))
                _run_after_commit("posts.tasks.prepare_clip", clip.pk)
    except voice_encoder.UnusableClip as error:
        raise refusal(error.code) from error
    return clip


def prepare(pk: int) -> str:
    """Re-encode a pending clip; returns its state, empty if it is not pending.

    Twice at once is harmless: the first to finish wins.
    """
    clip = VoiceClip.objects.filter(pk=pk, state=VoiceClip.State.PENDING).first()
    if clip is None:
        return ""
    try:
        with clip.source.open() as file:
            encoded = voice_encoder.reencode(file, LIMITS.voice_clip_s)
    except voice_encoder.UnusableClip as error:
        return _fail(clip, error.code)
    except Unavailable:
        return VoiceClip.State.PENDING  # `sweep` starts it again.
    except OSError as error:
        if missing_parts.of(error):
            raise  # The sweep tries again: what was spoken must not go with a disk that is away.
        return _fail(clip, "unavailable")
    token = secrets.token_urlsafe(16)
    opus = default_storage.save(f"voice/{token}.ogg", ContentFile(encoded.opus))
    m4a = default_storage.save(f"voice/{token}.m4a", ContentFile(encoded.m4a))
    pending = VoiceClip.objects.filter(pk=clip.pk, state=VoiceClip.State.PENDING)
    was_first = pending.update(
        state=VoiceClip.State.READY,
        source="",
        opus=opus,
        m4a=m4a,
        duration_ms=encoded.duration_ms,
        waveform=encoded.waveform,
    )
    if was_first:
        files.remove([str(clip.source.name)])
        _run_after_commit("posts.tasks.transcribe_clip", clip.pk)
    else:
        files.remove([opus, m4a])
    return VoiceClip.State.READY


def _fail(clip: VoiceClip, code: str) -> str:
    pending = VoiceClip.objects.filter(pk=clip.pk, state=VoiceClip.State.PENDING)
    has_failed = pending.update(
        state=VoiceClip.State.FAILED, reason=code, source="", words=VoiceClip.Words.UNAVAILABLE
    )
    if has_failed:
        files.remove(clip.file_names())
    return VoiceClip.State.FAILED


def transcribe(pk: int) -> None:
    """Store what is said in a clip; it has no transcript if no engine covers its language."""
    wanted = VoiceClip.objects.filter(state=VoiceClip.State.READY, words=VoiceClip.Words.WANTED)
    clip = wanted.filter(pk=pk).first()
    if clip is None:
        return
    try:
        with clip.opus.open() as file:
            text = lines(transcript.of(file.read(), clip.language or "en"))
    except (OSError, ValueError):
        text = ""
    words = VoiceClip.Words.READY if text else VoiceClip.Words.UNAVAILABLE
    VoiceClip.objects.filter(pk=pk).update(words=words, transcript=text[:TRANSCRIPT_CHARS])


def claim(owner: User, pk: int) -> VoiceClip:
    """Take a clip, which may still be pending, for a post or a message.

    Call it in the transaction that attaches the clip. Raises ValidationError with a sentence for a
    clip of somebody else, a used, a failed and an unknown one.
    """
    free = VoiceClip.objects.filter(pk=pk, owner=owner, claimed_at=None)
    free = free.exclude(state=VoiceClip.State.FAILED)
    if free.update(claimed_at=timezone.now()):
        Draft.objects.filter(voice=pk).update(voice=None)  # It cannot be used again.
        return VoiceClip.objects.get(pk=pk)
    failed = VoiceClip.objects.filter(pk=pk, owner=owner, state=VoiceClip.State.FAILED).first()
    is_known = failed is not None and failed.reason in REASONS
    raise refusal(failed.reason if failed and is_known else "unavailable")


def claimed(owner: User, raw: str) -> VoiceClip | None:
    """Claim what a form says in `voice`; None if it says nothing.

    Raises ValidationError as `claim` does.
    """
    if not raw:
        return None
    # Eighteen digits always fit the 64 bits of an id.
    if not raw.isdecimal() or len(raw) > 18:
        raise refusal("unavailable")
    return claim(owner, int(raw))


def may_hear(viewer: User | None, clip: VoiceClip) -> bool:
    """True for the owner, and for those who may see what carries the clip."""
    if viewer is not None and clip.owner_id == viewer.pk and not viewer.is_away:
        return True
    if clip.claimed_at is None:
        return False
    if Post.objects.visible_to(viewer).filter(voice=clip).exists():
        return True
    return viewer is not None and Message.objects.visible_to(viewer).filter(voice=clip).exists()


def get_for(viewer: User | None, pk: int) -> VoiceClip | None:
    """Return the clip if `viewer` may hear it."""
    clip = VoiceClip.objects.filter(pk=pk).first()
    return clip if clip and may_hear(viewer, clip) else None


def discard(owner: User, pk: int) -> None:
    """Delete a clip of the owner's that nothing uses, drafts neither; others are left alone."""
    for clip in _unused().filter(pk=pk, owner=owner):
        clip.delete()


def _unused() -> QuerySet[VoiceClip]:
    return VoiceClip.objects.filter(claimed_at=None, drafts=None)


def sweep() -> int:
    """Delete what was not used within an hour; restart what has lost its task, or give it up.

    Returns how many were deleted.
    """
    now = timezone.now()
    old = _unused().filter(created_at__lt=now - timedelta(seconds=UNCLAIMED_S))
    removed = 0
    for clip in old[:SWEEP_AT_ONCE]:
        with transaction.atomic():  # A claim at this very moment wins: the delete asks again.
            removed += _unused().filter(pk=clip.pk).delete()[0] > 0
    pending = VoiceClip.objects.filter(state=VoiceClip.State.PENDING)
    for clip in pending.filter(created_at__lt=now - timedelta(seconds=GIVE_UP_S))[:SWEEP_AT_ONCE]:
        _fail(clip, "too_slow")
    waiting = pending.filter(created_at__lt=now - timedelta(seconds=RETRY_S))
    for pk in waiting.values_list("pk", flat=True)[:RETRIED_AT_ONCE]:
        _run_after_commit("posts.tasks.prepare_clip", pk)
    return removed


def _run_after_commit(task: str, pk: int) -> None:
    """Start a task on a clip. By its name, because the tasks import this module.

    A broker that is down is no error here: `sweep` starts the task again.
    """

    def send() -> None:
        # Without retries, which would hold the request up while the broker is down.
        app.send_task(task, [pk], retry=False)

    # Robust: the error is logged, and the other callbacks of the transaction still run.
    transaction.on_commit(send, robust=True)
