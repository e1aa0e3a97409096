"""A picture that moves is also to be had standing still, for those who may see it."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from posts.models import Fleet, MessageImage, PostImage
from tests.accounts.people import browser_of

DATA = Path(__file__).parents[2] / "accounts" / "data"


def moving() -> SimpleUploadedFile:
    return SimpleUploadedFile("anim.gif", (DATA / "anim.gif").read_bytes(), "image/gif")


def frames(url: str, viewer: User | None) -> int:
    answer = browser_of(viewer).get(url)
    assert answer["Content-Type"] == "image/webp"
    assert "private" in answer["Cache-Control"]
    body = b"".join(answer) if answer.streaming else answer.content
    return getattr(Image.open(io.BytesIO(body)), "n_frames", 1)


@pytest.mark.parametrize(
    ("path", "field"),
    [("/posts/", "images"), ("/fleets/new/", "picture"), ("/messages/to/noor/", "images")],
)
def test_it_shows_a_moving_picture_moving_or_still(
    maya: User, noor: User, path: str, field: str
) -> None:
    form = {"text": "Look", "audience": "public", field: moving()}
    assert browser_of(maya).post(path, form).status_code in (200, 302)
    image: PostImage | MessageImage | Fleet | None = (
        PostImage.objects.first() or MessageImage.objects.first() or Fleet.objects.first()
    )
    assert image is not None
    assert image.is_moving
    url = image.picture_url if isinstance(image, Fleet) else image.get_absolute_url()
    assert (frames(url, maya), frames(image.still_url, maya)) == (3, 1)
    page = browser_of(maya).get("/" if field == "images" else image.get_absolute_url())
    if path == "/posts/":
        text = page.content.decode()
        assert f'srcset="{image.still_url}"' in text
        assert "Pause the picture" in text
    stranger = browser_of(None).get(image.still_url)
    assert stranger.status_code == (200 if path != "/messages/to/noor/" else 302)


def test_it_has_no_button_on_what_stands_still(maya: User) -> None:
    out = io.BytesIO()
    Image.new("RGB", (100, 900), "teal").save(out, "PNG")
    picture = SimpleUploadedFile("x.png", out.getvalue(), "image/png")
    browser = browser_of(maya)
    browser.post("/posts/", {"text": "Look", "images": picture})
    image = PostImage.objects.get()
    text = browser.get("/").content.decode()
    assert image.get_absolute_url() in text
    assert "data-moving" not in text
    assert "gallery__item--long" in text
    assert frames(image.still_url, maya) == 1
