import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from accounts.services import relationships
from config.limits import LIMITS
from posts.models import Post, PostImage
from tests.accounts.people import HTMX, browser_of, make_follow, person


def upload(form: str = "PNG", name: str = "x.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, form)
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_it_posts_uploads_and_shows_them(maya: User) -> None:
    answer = browser_of(maya).post(
        "/posts/",
        {"text": "Look", "images": [upload(), upload("JPEG")], "alt": ["A river", ""]},
        headers=HTMX,
    )
    html = answer.content.decode()
    assert 'alt="A river"' in html
    assert html.count("gallery__item") == 2
    served = browser_of(None).get(PostImage.objects.all()[0].get_absolute_url())
    assert (served.status_code, served["Content-Type"]) == (200, "image/webp")
    assert "private" in served["Cache-Control"]


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([upload() for _ in range(5)], "most 4"),
        ([SimpleUploadedFile("x.png", b"<svg/>", "image/png")], "not a picture"),
        (
            [upload(), SimpleUploadedFile("x.png", b"x" * (LIMITS.picture_bytes + 1), "image/png")],
            "too big",
        ),
    ],
)
def test_it_refuses_bad_uploads_whole(
    maya: User, files: list[SimpleUploadedFile], sentence: str
) -> None:
    answer = browser_of(maya).post("/posts/", {"text": "Look", "images": files}, headers=HTMX)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [("visitor", 404), ("stranger", 404), ("blocked", 404), ("follower", 200), ("author", 200)],
)
def test_it_gives_a_picture_to_those_who_may_read_the_post(
    budi: User, noor: User, who: str, status: int
) -> None:
    citra = person("citra", is_protected=True)
    make_follow(budi, citra)
    if who == "blocked":
        relationships.block(citra, noor)
    browser_of(citra).post("/posts/", {"text": "Look", "images": [upload()]})
    viewer = {
        "visitor": None,
        "stranger": noor,
        "blocked": noor,
        "follower": budi,
        "author": citra,
    }[who]
    assert browser_of(viewer).get(PostImage.objects.get().get_absolute_url()).status_code == status


def test_it_has_no_address_for_the_file_itself(maya: User) -> None:
    browser = browser_of(maya)
    browser.post("/posts/", {"text": "Look", "images": [upload()]})
    assert browser.get(f"/media/{PostImage.objects.get().file.name}").status_code == 404
    assert browser.get("/posts/images/99999/").status_code == 404
