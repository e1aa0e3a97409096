"""What a link to a post looks like elsewhere: its first picture as a JPEG, else its author."""

import io
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from accounts.models import User
from config import decoding_slots
from config.limits import LIMITS
from posts.services import posting
from posts.services.posting import Picture
from tests.accounts.people import browser_of


def webp(size: tuple[int, int], colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "WEBP", lossless=True)
    return out.getvalue()


def test_it_is_the_first_picture_as_all_messengers_read_it(maya: User) -> None:
    pictures = [Picture(webp((1600, 800), "red"), "A barn"), Picture(webp((10, 10), "blue"))]
    post = posting.publish(maya, "Look", images=pictures)
    page = browser_of(None).get(post.get_absolute_url()).content.decode()
    path = f"/posts/{post.pk}/picture.jpg"
    assert f"http://testserver{path}" in page and 'og:image:alt" content="A barn"' in page
    answer = browser_of(None).get(path)
    assert answer["Content-Type"] == "image/jpeg"
    shown = Image.open(io.BytesIO(answer.content))
    assert (shown.format, shown.size) == ("JPEG", (1200, 600))
    red, green, blue = shown.crop((600, 300, 601, 301)).tobytes()
    assert red > 240 and green < 10 and blue < 10


def test_what_is_transparent_is_white_there(maya: User) -> None:
    post = posting.publish(maya, "Look", images=[Picture(webp((40, 40), "#ff000000"))])
    shown = Image.open(io.BytesIO(browser_of(None).get(f"/posts/{post.pk}/picture.jpg").content))
    assert min(shown.tobytes()) > 250


def test_without_a_picture_it_is_the_author(maya: User) -> None:
    post = posting.publish(maya, "Words")
    page = browser_of(None).get(post.get_absolute_url()).content.decode()
    assert 'og:image" content="http://testserver/@maya/picture.png?v=' in page
    assert browser_of(None).get(f"/posts/{post.pk}/picture.jpg").status_code == 404


def test_it_shows_nothing_that_a_visitor_may_not_see(maya: User) -> None:
    post = posting.publish(maya, "Look", images=[Picture(webp((40, 40), "red"))])
    User.objects.update(is_protected=True)
    assert browser_of(maya).get(f"/posts/{post.pk}/picture.jpg").status_code == 404
    assert browser_of(maya).get(post.get_absolute_url()).status_code == 200


def test_it_is_drawn_once_and_not_while_the_machine_is_busy(
    maya: User, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve million pixels are half a second, which a visitor could have again and again."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(decoding_slots, "LIMITS", replace(LIMITS, decoding_wait_s=0))
    post = posting.publish(maya, "Look", images=[Picture(webp((40, 40), "red"))])
    path = f"/posts/{post.pk}/picture.jpg"
    with ExitStack() as stack:
        for _ in range(LIMITS.decodings_at_once):
            stack.enter_context(decoding_slots.slot(0))
        assert browser_of(None).get(path).status_code == 503
    drawn = browser_of(None).get(path)
    with ExitStack() as stack:
        for _ in range(LIMITS.decodings_at_once):
            stack.enter_context(decoding_slots.slot(0))
        assert browser_of(None).get(path).content == drawn.content
