import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import User
from accounts.services import relationships
from posts.models import Draft, Post, VoiceClip
from posts.services import drafts, posting
from posts.services.drafts import ComposerFields
from tests.accounts.people import HTMX, browser_of
from tests.html import folded

FORM = {
    "text": "One",
    "more": ["Two"],
    "option": ["Yes", "No"],
    "lasts_s": "3600",
    "replies_from": "followed",
}


def test_it_keeps_what_the_composer_holds_and_fills_it_in_again(maya: User) -> None:
    browser = browser_of(maya)
    answer = browser.post("/drafts/save/", FORM, headers=HTMX)
    assert "Kept in your drafts." in answer["HX-Trigger"]
    listed = browser.get("/drafts/").content.decode()
    assert "One" in listed and "Thread of 2" in listed and "With a poll" in listed
    html = folded(browser.get(f"/posts/compose/?draft={Draft.objects.get().pk}"))
    for piece in (
        ">One</textarea>",
        ">Two</textarea>",
        'value="Yes"',
        '<option value="followed" selected',
        'name="draft"',
    ):
        assert piece in html
    assert '<option value="3600" selected' in html


def test_it_is_gone_once_it_is_published(maya: User) -> None:
    draft = drafts.save(maya, ComposerFields(["One"]))
    browser_of(maya).post("/posts/", {"text": "One, finished", "draft": draft.pk}, headers=HTMX)
    assert (Draft.objects.count(), Post.objects.count()) == (0, 1)


def test_it_stays_when_publishing_is_refused(maya: User) -> None:
    draft = drafts.save(maya, ComposerFields(["x" * 300]))
    assert (
        browser_of(maya)
        .post("/posts/", {"text": "x" * 300, "draft": draft.pk}, headers=HTMX)
        .status_code
        == 422
    )
    assert Draft.objects.count() == 1


def test_it_remembers_what_it_answers_unless_that_is_hidden_now(maya: User, budi: User) -> None:
    post = posting.publish(budi, "How low?")
    browser = browser_of(maya)
    browser.post(f"/drafts/save/?reply_to={post.pk}", {"text": "Very"}, headers=HTMX)
    where = f"/posts/compose/?draft={Draft.objects.get().pk}"
    assert f'action="/posts/{post.pk}/reply/"' in browser.get(where).content.decode()
    assert "Answer to @budi" in browser.get("/drafts/").content.decode()
    relationships.block(budi, maya)
    html = browser.get(where).content.decode()
    assert 'action="/posts/"' in html and "How low?" not in html


def test_it_refuses_an_empty_one_beside_the_composer(maya: User) -> None:
    answer = browser_of(maya).post("/drafts/save/", {"text": " "}, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#composer .composer__error")


def test_it_is_deleted_by_its_author_alone(maya: User, budi: User) -> None:
    draft = drafts.save(maya, ComposerFields(["One"]))
    where = f"/drafts/{draft.pk}/delete/"
    assert browser_of(budi).post(where).status_code == 404
    assert browser_of(maya).get(where).status_code == 405
    assert browser_of(maya).post(where, headers=HTMX).status_code == 200
    assert not Draft.objects.exists()


@pytest.mark.parametrize("path", ["/drafts/", "/posts/compose/?draft=1"])
def test_it_is_nothing_for_visitors_and_others(maya: User, budi: User, path: str) -> None:
    drafts.save(maya, ComposerFields(["Secret words"]))
    assert browser_of(None).get(path).status_code == 302
    answer = browser_of(budi).get(path)
    assert "Secret words" not in answer.content.decode()
    assert answer.status_code in {200, 404}


def test_it_shows_an_empty_shelf_with_a_way_on(maya: User) -> None:
    assert "No drafts" in browser_of(maya).get("/drafts/").content.decode()


def upload(name: str = "a.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (10, 90, 60)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_it_loses_no_picture_from_keeping_to_publishing(maya: User) -> None:
    browser = browser_of(maya)
    browser.post(
        "/drafts/save/",
        {"text": "One", "images": [upload(), upload()], "alt": ["a boat", ""]},
        headers=HTMX,
    )
    draft = Draft.objects.get()
    first, second = draft.images.all()
    html = browser.get(f"/posts/compose/?draft={draft.pk}").content.decode()
    assert html.count('name="kept"') == 2
    assert f'src="/drafts/images/{first.pk}/"' in html and 'value="a boat"' in html
    assert "2 pictures" in browser.get("/drafts/").content.decode()
    form = {
        "text": "One, done",
        "draft": draft.pk,
        "kept": [second.pk, first.pk],
        "kept_alt": ["a bridge", "a boat"],
    }
    answer = browser.post(
        "/posts/", {**form, "images": [upload()], "alt": ["a lamp"]}, headers=HTMX
    )
    assert answer.status_code == 200
    assert [image.alt for image in Post.objects.get().images.all()] == [
        "a bridge",
        "a boat",
        "a lamp",
    ]
    assert not Draft.objects.exists()


def test_it_loses_no_recording_and_no_poll(maya: User) -> None:
    browser = browser_of(maya)
    clip = VoiceClip.objects.create(owner=maya, state="ready", duration_ms=1000, waveform=[50] * 58)
    browser.post("/drafts/save/", {"text": "", "voice": clip.pk}, headers=HTMX)
    draft = Draft.objects.get()
    html = browser.get(f"/posts/compose/?draft={draft.pk}").content.decode()
    assert "data-kept-voice" in html and f'name="voice" value="{clip.pk}"' in html
    assert "Voice clip" in browser.get("/drafts/").content.decode()
    browser.post("/posts/", {"text": "", "voice": clip.pk, "draft": draft.pk}, headers=HTMX)
    assert Post.objects.get().voice == clip


def test_it_stays_whole_on_the_page_when_a_plain_form_is_refused(maya: User) -> None:
    browser = browser_of(maya)
    browser.post("/drafts/save/", {"text": "One", "images": [upload()]}, headers=HTMX)
    draft = Draft.objects.get()
    form = {"text": "x" * 300, "draft": draft.pk, "kept": [draft.images.get().pk]}
    answer = browser.post("/posts/", form)
    assert answer.status_code == 422
    assert 'name="kept"' in answer.content.decode()


def test_it_refuses_pictures_of_others_and_too_many(maya: User, budi: User) -> None:
    browser_of(budi).post("/drafts/save/", {"text": "Mine", "images": [upload()]}, headers=HTMX)
    theirs = Draft.objects.get(author=budi)
    image = theirs.images.get()
    browser = browser_of(maya)
    assert browser.get(image.get_absolute_url()).status_code == 404
    assert browser_of(None).get(image.get_absolute_url()).status_code == 302
    assert browser_of(budi).get(image.get_absolute_url())["Content-Type"] == "image/webp"
    for path in ("/drafts/save/", "/posts/"):
        answer = browser.post(
            path, {"text": "x", "draft": theirs.pk, "kept": [image.pk]}, headers=HTMX
        )
        assert answer.status_code == 422
        assert "not there any more" in answer.content.decode()
    assert (
        browser.post(
            "/drafts/save/", {"text": "x", "images": [upload()] * 5}, headers=HTMX
        ).status_code
        == 422
    )
    assert not Draft.objects.filter(author=maya).exists()


def test_the_api_keeps_pictures_too(maya: User) -> None:
    browser = browser_of(maya)
    data = {"texts": ["One"], "images": [upload()], "alt": ["a boat"]}
    made = browser.post("/api/v1/drafts/", data).json()
    assert [image["alt"] for image in made["images"]] == ["a boat"]
    again = {"texts": ["Two"], "kept": [made["images"][0]["id"]], "kept_alt": ["a ship"]}
    where = f"/api/v1/drafts/{made['id']}/"
    changed = browser.put(where, again, content_type="application/json").json()
    assert [image["alt"] for image in changed["images"]] == ["a ship"]
    foreign = browser.post(
        "/api/v1/drafts/", {"texts": ["x"], "kept": again["kept"]}, content_type="application/json"
    )
    assert (foreign.status_code, foreign.json()["code"]) == (400, "unknown_picture")
    gone = browser.put(where, {"texts": ["Three"]}, content_type="application/json").json()
    assert gone["images"] == []
