"""Files that mean harm, through the very doors people use: refused with a sentence, memory flat,
nothing stored.
"""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from config.celery import app
from posts.models import Post, PostImage, VoiceClip
from posts.services import voice
from tests.accounts.people import HTMX, browser_of
from tests.posts.media import hostile_pictures, hostile_sounds

# The largest upload is 33 MB; what a bomb would become is a thousand times that.
MOST_GROWTH_KIB = 48 * 1024


def memory_kib() -> int:
    """What this process, which stands for web and worker, holds now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def stored(folder: str) -> list[str]:
    where = Path(settings.MEDIA_ROOT) / folder
    return [path.name for path in where.rglob("*") if path.is_file()]


def test_it_refuses_sixty_hostile_pictures(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.http.rate_limits.hit", lambda name, who: True)
    files = hostile_pictures.refused()
    assert len(files) >= 60
    browser, before = browser_of(maya), memory_kib()
    known = stored("posts")
    taken = {}
    for name, data in files.items():
        form = {"text": "Look", "images": SimpleUploadedFile(f"{name}.png", data, "image/png")}
        answer = browser.post("/posts/", form, headers=HTMX)
        if answer.status_code != 422 or "</span>" not in answer.content.decode():
            taken[name] = answer.status_code
    assert taken == {}
    assert (Post.objects.count(), PostImage.objects.count(), stored("posts")) == (0, 0, known)
    assert memory_kib() - before < MOST_GROWTH_KIB


@pytest.mark.parametrize("name", hostile_pictures.polyglots())
def test_it_keeps_nothing_of_a_polyglot_but_its_pixels(maya: User, name: str) -> None:
    data = hostile_pictures.polyglots()[name]
    assert b"parley-payload" in data
    form = {"text": "Look", "images": SimpleUploadedFile("x.html", data, "text/html")}
    assert browser_of(maya).post("/posts/", form, headers=HTMX).status_code == 200
    served = browser_of(None).get(PostImage.objects.get().get_absolute_url())
    assert served["Content-Type"] == "image/webp"
    assert b"parley-payload" not in b"".join(served.streaming_content)  # type: ignore[attr-defined]  # It streams.


@pytest.mark.timeout(400)  # A process for each file: 12 s alone, 112 s beside all other tests.
def test_it_refuses_thirty_hostile_recordings(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_args, **_options: None)
    files = hostile_sounds.refused()
    assert len(files) >= 30
    before, known = memory_kib(), stored("voice")
    taken = {
        name: state for name, data in files.items() if (state := offered(maya, data)) != "refused"
    }
    assert taken == {}
    assert stored("voice") == known
    assert not VoiceClip.objects.exclude(state="failed").exists()
    assert memory_kib() - before < MOST_GROWTH_KIB


def offered(owner: User, data: bytes) -> str:
    """Upload and prepare; "refused" only with a sentence that a person can read."""
    try:
        clip = voice.take_in(owner, ContentFile(data))
        voice.prepare(clip.pk)
        voice.claim(owner, clip.pk)
    except ValidationError as error:
        return "refused" if error.messages[0].endswith(".") else error.messages[0]
    return "taken"
