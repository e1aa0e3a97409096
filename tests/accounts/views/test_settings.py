import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Follow, FollowRequest, User
from config.limits import LIMITS
from tests.accounts.people import browser_of
from tests.html import folded

PAGES = ["/settings/", "/settings/profile/", "/settings/hidden/", "/alerts/", "/alerts/requests/"]


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 60), "teal").save(out, "PNG")
    return SimpleUploadedFile("me.png", out.getvalue(), "image/png")


@pytest.mark.parametrize("path", PAGES)
def test_it_shows_its_pages_to_those_logged_in(maya: User, path: str) -> None:
    assert browser_of(maya).get(path).status_code == 200
    assert browser_of(None).get(path)["Location"].startswith("/account/login/")


def test_it_saves_a_profile(maya: User) -> None:
    answer = browser_of(maya).post(
        "/settings/profile/", {"display_name": " Maya  O ", "bio": "River\r\n\r\nand rain "}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/@maya/")
    maya.refresh_from_db()
    assert (maya.display_name, maya.bio) == ("Maya O", "River\n\nand rain")


def test_it_stores_a_new_picture_under_a_new_name_and_serves_it(
    maya: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    browser = browser_of(maya)
    browser.post("/settings/profile/", {"display_name": "Maya", "avatar_file": picture()})
    maya.refresh_from_db()
    first = maya.avatar.url
    served = browser_of(None).get(first)
    assert (served.status_code, served["Content-Type"]) == (200, "image/webp")
    assert "immutable" in served["Cache-Control"]
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/settings/profile/", {"display_name": "Maya", "avatar_file": picture()})
    maya.refresh_from_db()
    assert maya.avatar.url != first
    assert browser_of(None).get(first).status_code == 404  # The old file is gone.


def test_it_removes_a_picture(maya: User) -> None:
    browser = browser_of(maya)
    browser.post("/settings/profile/", {"display_name": "Maya", "header_file": picture()})
    browser.post("/settings/profile/", {"display_name": "Maya", "remove_header": "on"})
    maya.refresh_from_db()
    assert not maya.header


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"display_name": "x" * 51}, "at most 50"),
        ({"bio": "x" * 161}, "at most 160"),
        ({"avatar_file": SimpleUploadedFile("me.png", b"<svg/>", "image/png")}, "not a picture"),
        (
            {
                "avatar_file": SimpleUploadedFile(
                    "me.png", b"x" * (LIMITS.picture_bytes + 1), "image/png"
                )
            },
            "too big",
        ),
    ],
)
def test_it_refuses_a_bad_profile_with_a_sentence(
    maya: User, changes: dict[str, object], sentence: str
) -> None:
    answer = browser_of(maya).post("/settings/profile/", {"display_name": "Maya"} | changes)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    maya.refresh_from_db()
    assert maya.display_name == "Maya Okafor"


def test_it_lets_in_who_waits_when_the_account_opens(maya: User, budi: User) -> None:
    User.objects.filter(pk=maya.pk).update(is_protected=True)
    FollowRequest.objects.create(follower=budi, followed=maya)
    browser_of(maya).post("/settings/privacy/", {"direct_messages_from": "everyone"})
    assert Follow.objects.filter(follower=budi, followed=maya).exists()


def test_it_saves_language_and_zone(maya: User) -> None:
    browser_of(maya).post(
        "/settings/preferences/", {"language": "id", "time_zone": "Asia/Makassar"}
    )
    maya.refresh_from_db()
    assert (maya.language, maya.time_zone) == ("id", "Asia/Makassar")


@pytest.mark.parametrize("change", [{"language": "tlh"}, {"time_zone": "Mars/Olympus"}])
def test_it_refuses_a_language_or_zone_it_does_not_have(maya: User, change: dict[str, str]) -> None:
    answer = browser_of(maya).post(
        "/settings/preferences/", {"language": "", "time_zone": "UTC"} | change
    )
    assert answer.status_code == 422


def test_it_saves_who_sees_and_who_writes(maya: User) -> None:
    browser_of(maya).post(
        "/settings/privacy/", {"is_protected": "on", "direct_messages_from": "followed"}
    )
    maya.refresh_from_db()
    assert (maya.is_protected, maya.direct_messages_from) == (True, "followed")
    assert (
        browser_of(maya)
        .post("/settings/privacy/", {"direct_messages_from": "martians"})
        .status_code
        == 422
    )


@pytest.mark.parametrize(
    "path", ["/media/secret_key", "/media/avatars/..%2F..%2Fsecret_key", "/media/avatars/x.svg"]
)
def test_it_serves_nothing_but_pictures(db: None, path: str) -> None:
    assert browser_of(None).get(path).status_code == 404


def test_it_opens_the_alerts_and_marks_them_read(maya: User, budi: User) -> None:
    browser_of(budi).post("/@maya/follow/", {"on": "1"})
    browser = browser_of(maya)
    assert 'data-count="alerts"> <span class="vh">, </span> <span data-figure>1<' in folded(
        browser.get("/")
    )
    assert "followed you" in browser.get("/alerts/").content.decode()
    assert 'data-count="alerts">' not in folded(browser.get("/"))
