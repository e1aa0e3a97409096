"""A Fleet from the form to its end: who sees it, how the viewer is driven, what remains of it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import WCAG, faults_of
from tests.browser.people import Person
from tests.browser.test_pages import SLOW_MS, picture
from tests.browser.town import Town
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
VIEWER = "() => document.body.dataset.viewer"
SWEPT_S = 60  # RULES §2: the media URL is dead within this; the sweep runs every 15 s.


def puts_up(
    person: Person, words: str, file: Path | None = None, *, for_followers: bool = False
) -> None:
    person.opens("/fleets/new/")
    person.page.locator("[data-fleet-form] textarea").fill(words)
    if file:
        person.page.locator("[data-fleet-form] input[type=file]").set_input_files(file)
        person.page.locator("[name=alt]").fill("A field in one colour")
    if for_followers:
        person.page.get_by_text("My followers").click()
    person.page.get_by_role("button", name="Put it up").click()
    expect(person.page.locator("main h1")).to_have_text("Home", timeout=SLOW_MS)


def follows(person: Person, other: Person) -> None:
    person.opens(f"/@{other.handle}/")
    person.page.locator(".profile__buttons .follow button").click()
    expect(person.page.locator(".profile__buttons .follow")).to_contain_text(
        "Following", timeout=SLOW_MS
    )


def shown(person: Person) -> str:
    """Return the name of the Fleet on the screen, as a screen reader says it."""
    return person.page.locator("[data-slide]:not([hidden])").get_attribute("aria-label") or ""


def test_it_is_seen_by_a_follower_not_by_a_stranger_and_gone_with_its_file(
    town: Town, tmp_path: Path
) -> None:
    author, follower, stranger = town.person(), town.person(), town.person()
    follows(follower, author)
    folder = town.site.data_dir / "media" / "fleets"
    others = set(folder.glob("*.webp"))
    puts_up(author, "The long way home", picture(tmp_path / "field.png"), for_followers=True)
    files = set(folder.glob("*.webp")) - others
    assert files

    follower.opens(f"/@{author.handle}/")
    face = follower.page.get_by_role("link", name=re.compile("New Fleet by"))
    face.first.click()
    image = follower.page.get_by_role("img", name="A field in one colour")
    expect(image).to_be_visible(timeout=SLOW_MS)
    follower.until(lambda: image.evaluate("(image) => image.naturalWidth") == 64, "the picture")
    address = str(image.get_attribute("src"))

    stranger.opens(f"/@{author.handle}/")
    expect(stranger.page.get_by_role("link", name=re.compile("Fleet by"))).to_have_count(0)
    assert stranger.page.request.get(town.site.url + address).status == 404

    author.opens("/")
    author.page.locator(".shelf__fleet").first.click()
    author.page.locator(".fleet__seen summary").click()
    expect(author.page.locator(".fleet__viewers")).to_contain_text(follower.handle, timeout=SLOW_MS)

    town.site.shell(
        "from posts.models import Fleet; from django.utils import timezone; "
        f"Fleet.objects.filter(author__handle='{author.handle}').update(expires_at=timezone.now())"
    )
    assert follower.page.request.get(town.site.url + address).status == 404
    wait_until(lambda: not any(file.exists() for file in files), "the file is swept", SWEPT_S)
    follower.opens(f"/@{author.handle}/")
    expect(follower.page.get_by_role("link", name=re.compile("Fleet by"))).to_have_count(0)


def test_the_viewer_steps_through_people_by_keys_taps_and_time(town: Town) -> None:
    viewer, first, second = town.person(), town.person(), town.person()
    for one in (first, second):
        follows(viewer, one)
    puts_up(first, "One")
    puts_up(second, "Two")
    puts_up(second, "Three")
    viewer.opens("/explore/")
    viewer.opens("/")
    viewer.page.locator(".shelf__fleet", has_text="New Fleet by").first.click()
    page = viewer.page
    expect(page.locator("[data-slide]:not([hidden])")).to_have_attribute(
        "aria-label", re.compile("1 of 2"), timeout=SLOW_MS
    )
    assert viewer.ask("() => document.getElementById('nav').inert")

    page.keyboard.press("Space")
    expect(page.locator("[data-pause]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    assert "2 of 2" in shown(viewer)
    page.keyboard.press("ArrowLeft")
    assert "1 of 2" in shown(viewer)
    page.locator("[data-slide]:not([hidden]) .fleet__zone--next").click()
    assert "2 of 2" in shown(viewer)

    box = page.locator("[data-slide]:not([hidden]) .fleet__zone--next").bounding_box()
    assert box
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.wait_for_timeout(600)  # A long press is what is tested.
    page.mouse.up()
    assert "2 of 2" in shown(viewer)  # It held, it did not step.

    page.keyboard.press("Space")  # On it goes, to the other person, by itself.
    expect(page.locator("[data-slide]:not([hidden])")).to_have_attribute(
        "aria-label", re.compile("1 of 1"), timeout=SLOW_MS
    )
    page.keyboard.press("Escape")
    expect(page.locator("main h1")).to_have_text("Home", timeout=SLOW_MS)
    assert not viewer.ask("() => document.getElementById('nav').inert")
    expect(page.locator(".shelf__fleet", has_text="New Fleet by")).to_have_count(0)


def test_an_answer_is_a_message_and_only_offered_where_messages_are_open(town: Town) -> None:
    author, reader = town.person(), town.person()
    puts_up(author, "Anyone for the river?")
    reader.opens(f"/@{author.handle}/")
    reader.page.get_by_role("link", name=re.compile("New Fleet by")).first.click()
    reader.page.get_by_role("button", name="❤️").click()
    expect(reader.page.locator("#toasts")).to_contain_text("as a message", timeout=SLOW_MS)
    field = reader.page.locator(".fleet__field")
    field.fill("Yes, at eight")
    field.press("Enter")
    expect(field).to_have_value("", timeout=SLOW_MS)
    author.opens("/messages/requests/")
    author.page.locator(".thread").first.click()
    log = author.page.locator("[data-log]")
    expect(log).to_contain_text("Yes, at eight", timeout=SLOW_MS)
    expect(log.locator(".fleet-card")).to_have_count(2)

    author.opens("/settings/privacy/")
    author.page.get_by_text("Nobody", exact=True).click()
    author.page.get_by_role("button", name="Save").click()
    reader.page.reload()
    expect(reader.page.locator(".fleet__frame")).to_be_visible(timeout=SLOW_MS)
    expect(reader.page.locator(".fleet__field")).to_have_count(0)


def test_it_stands_still_for_those_who_want_no_motion(town: Town) -> None:
    author = town.person()
    puts_up(author, "Still")
    author.page.emulate_media(reduced_motion="reduce")
    author.page.locator(".shelf__fleet").first.click()
    expect(author.page.locator("[data-pause]")).to_have_attribute(
        "aria-pressed", "true", timeout=SLOW_MS
    )
    assert author.page.locator("[data-bar]").first.evaluate("(bar) => bar.value") == 0


def test_its_pages_have_no_serious_fault(town: Town, tmp_path: Path) -> None:
    author, reader = town.person(), town.person()
    puts_up(author, "The long way home", picture(tmp_path / "field.png"))
    viewer = f"/fleets/of/{author.ask(VIEWER)}/"
    for person, path in ((author, "/fleets/new/"), (author, viewer), (reader, viewer)):
        person.opens(path)
        if person.page.locator("[data-pause]").count():
            person.page.locator("[data-pause]").click()
        assert faults_of(person, rules=WCAG) == []
