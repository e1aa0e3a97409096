"""Pictures as phones make them: scaled before they are sent, moving, long; looked at and paused."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.axe import WCAG, by_day_and_night, faults_of, wear
from tests.browser.people import Person
from tests.browser.test_pages import SLOW_MS
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
DATA = Path(__file__).parents[1] / "accounts" / "data"
LOOKS = (*by_day_and_night((390, 844)), *by_day_and_night((1440, 900)))
CHOSEN = """(selector) => [...document.querySelector(selector).files]
  .map((file) => [file.name, file.type, file.size])"""


def big_photo(path: Path) -> Path:
    """A photo of 4032 x 3024, held sideways, of more bytes than the server takes."""
    noise = Image.effect_noise((1008, 756), 90).resize((4032, 3024), Image.Resampling.NEAREST)
    photo = Image.merge("RGB", [noise, Image.effect_noise((4032, 3024), 90), noise])
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(path, "JPEG", quality=100, subsampling=0, exif=exif)
    return path


def long_screenshot(path: Path) -> Path:
    picture = Image.new("RGB", (990, 11_490), "white")
    for line in range(0, 11_490, 90):
        picture.paste((20 + line % 200, 60, 120), (60, line + 20, 930 - line % 400, line + 60))
    picture.save(path, "PNG")
    return path


def chooses(person: Person, *files: Path) -> Locator:
    composer = person.page.locator("#composer")
    composer.locator("[data-images]").set_input_files(list(files))
    expect(composer.locator(".picked")).to_have_count(len(files))
    return composer


def published(person: Person, text: str) -> Locator:
    person.page.locator("#composer textarea[name=text]").fill(text)
    person.page.locator("#composer [data-send]").click()
    post = person.post(text)
    expect(post).to_be_visible(timeout=SLOW_MS)
    return post


def test_a_big_photo_is_scaled_before_it_is_sent(town: Town, tmp_path: Path) -> None:
    author = town.person()
    photo = big_photo(tmp_path / "photo.jpg")
    assert photo.stat().st_size > 12 * 10**6
    author.opens("/")
    composer = chooses(author, photo)
    expect(composer).not_to_have_attribute("aria-busy", "true", timeout=SLOW_MS)
    ((name, kind, size),) = author.ask(CHOSEN, "#composer [data-images]")
    assert (name, kind) == ("photo.jpg", "image/jpeg")
    assert size < 6 * 10**6
    post = published(author, "From my phone")
    image = post.locator(".gallery img")
    assert [image.get_attribute("width"), image.get_attribute("height")] == ["1386", "1848"]


def test_a_form_that_is_sent_too_soon_waits_for_its_picture(town: Town, tmp_path: Path) -> None:
    author = town.person()
    photo = big_photo(tmp_path / "photo.jpg")
    author.opens("/")
    author.page.locator("#composer textarea[name=text]").fill("In a hurry")
    chooses(author, photo)
    author.page.locator("#composer [data-send]").click()
    post = author.post("In a hurry")
    expect(post.locator(".gallery img")).to_have_attribute("width", "1386", timeout=SLOW_MS)


def test_a_moving_picture_moves_and_is_paused(town: Town) -> None:
    author = town.person()
    author.opens("/")
    chooses(author, DATA / "anim.gif")
    ((name, kind, _size),) = author.ask(CHOSEN, "#composer [data-images]")
    assert (name, kind) == ("anim.gif", "image/gif"), "an animation is not touched"
    post = published(author, "It moves")
    image, button = post.locator(".gallery img"), post.locator(".gallery__pause")
    expect(button).to_have_attribute("aria-label", "Pause the picture")
    author.until(lambda: frames(author, image) == 3, "a picture that moves")
    button.focus()
    author.page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-label", "Play the picture")
    author.until(lambda: frames(author, image) == 1, "a picture that stands still")
    button.click()
    author.until(lambda: frames(author, image) == 3, "a picture that moves again")

    reader = town.person()
    reader.page.emulate_media(reduced_motion="reduce")
    reader.opens(author.address_of_post("It moves"))
    still = reader.post("It moves")
    image, button = still.locator(".gallery img"), still.locator(".gallery__pause")
    reader.until(lambda: frames(reader, image) == 1, "still from the beginning")
    expect(button).to_have_attribute("aria-label", "Play the picture")
    button.click()
    reader.until(lambda: frames(reader, image) == 3, "it moves when it is asked to")


def frames(person: Person, image: Locator) -> int:
    """How many frames what is shown at this moment has."""
    image.scroll_into_view_if_needed()
    url = image.evaluate("(one) => one.complete && one.naturalWidth ? one.currentSrc : ''")
    if not url:
        return 0
    answer = person.page.request.get(str(url))
    return getattr(Image.open(io.BytesIO(answer.body())), "n_frames", 1)


def test_a_long_picture_is_cut_in_its_card_and_whole_when_it_is_opened(
    town: Town, tmp_path: Path
) -> None:
    author = town.person()
    author.opens("/")
    chooses(author, long_screenshot(tmp_path / "long.png"), DATA / "anim.gif")
    post = published(author, "A long one and one that moves")
    item = post.locator(".gallery__item--long")
    expect(item).to_contain_text("Long picture")
    author.opens(author.address_of_post("A long one and one that moves"))
    assert faults_of(author, rules=WCAG) == []
    for colours, (width, height) in LOOKS:
        wear(author, (colours, (width, height)))
        author.page.screenshot(path=tmp_path / f"card-{width}-{colours}.png")
        card = item.first.bounding_box()
        assert card
        assert card["height"] < height
        item.first.locator("a").click()
        dialog = author.page.locator("dialog.lightbox")
        whole, scroller = dialog.locator("img"), dialog.locator(".lightbox__scroller")
        expect(whole).to_be_visible()
        shown = whole.bounding_box()
        assert shown
        # As wide as there is room, and never wider than it is.
        room = float(scroller.evaluate("(one) => one.clientWidth"))
        assert shown["width"] == pytest.approx(min(990, room), abs=1)
        assert shown["height"] == pytest.approx(shown["width"] * 11_490 / 990, abs=20)
        author.page.screenshot(path=tmp_path / f"whole-{width}-{colours}.png")
        scroller.evaluate("(one) => one.scrollTo(0, 3000)")
        assert (whole.bounding_box() or {"y": 0})["y"] < -1000, "what is below"
        author.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(item.first.locator("a")).to_be_focused()


def test_a_face_says_that_it_stands_still_and_is_scaled(town: Town, tmp_path: Path) -> None:
    author = town.person()
    author.opens("/settings/profile/")
    field = author.page.locator("[name=avatar_file]")
    described = field.get_attribute("aria-describedby") or ""
    expect(author.page.locator(f"#{described.split()[0]}")).to_contain_text("stands still")
    field.set_input_files(big_photo(tmp_path / "me.jpg"))
    author.until(
        lambda: author.ask(CHOSEN, "[name=avatar_file]")[0][2] < 6 * 10**6, "the face is scaled"
    )
