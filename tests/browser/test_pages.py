"""The pages around the rooms: browsing without a new document, pictures, messages between two
people, accessibility.
"""

import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import ALL_LOOKS, WCAG, faults_of
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SLOW_MS = 20_000  # Two cores run the stack and the browsers.


def picture(path: Path) -> Path:
    """Write a 64 x 48 PNG of one colour."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = (b"\0" + b"\x12\x64\x4a" * 64) * 48
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path


def title_is(person: Person, words: str) -> None:
    expect(person.page.locator("main h1")).to_contain_text(words, timeout=SLOW_MS)


def test_one_browses_back_and_forth_in_the_same_document(town: Town) -> None:
    reader = town.person()
    troubles = reader.notes_troubles()
    reader.opens("/")
    reader.ask("() => (window.sameDocument = true)")
    reader.goes_to("Explore")
    assert reader.ask("() => document.activeElement.id") == "main"
    assert "Explore" in reader.page.title()
    reader.goes_to("Settings")
    reader.page.go_back()
    title_is(reader, "Explore")
    reader.page.go_back()
    title_is(reader, "Home")
    reader.page.go_forward()
    title_is(reader, "Explore")
    expect(reader.page.locator("#nav [aria-current=page]")).to_contain_text("Explore")
    assert reader.ask("() => window.sameDocument")
    assert troubles == []


def test_a_picture_with_its_description_goes_into_a_post(town: Town, tmp_path: Path) -> None:
    author = town.person()
    author.opens("/")
    author.page.locator("[data-images]").first.set_input_files(picture(tmp_path / "river.png"))
    author.page.locator(".picked__alt").fill("A river in one colour")
    author.page.locator("[data-send]").first.click()
    shown = author.page.locator("#feed article").first.get_by_role(
        "img", name="A river in one colour"
    )
    expect(shown).to_be_visible(timeout=SLOW_MS)
    assert shown.evaluate("(image) => image.naturalWidth") == 64
    expect(author.page.locator(".picked")).to_have_count(0)


def test_two_people_write_to_each_other_live(town: Town) -> None:
    one, other = town.person(), town.person()
    one.opens(f"/@{other.handle}/")
    one.page.locator("main a[href^='/messages/to/']").click()
    one.page.locator("[data-chat] textarea").fill("Are you free around eight?")
    one.page.keyboard.press("Enter")
    expect(one.page.locator("[data-log]")).to_contain_text("around eight", timeout=SLOW_MS)
    other.opens("/messages/requests/")
    other.page.locator(".thread").first.click()
    other.page.get_by_role("button", name="Accept").click()
    other.page.locator("[data-chat] textarea").fill("Yes, with tea")
    other.page.keyboard.press("Enter")
    expect(one.page.locator("[data-log]")).to_contain_text("with tea", timeout=SLOW_MS)
    one.page.locator("[data-chat] textarea").fill("Good")
    one.page.keyboard.press("Enter")
    expect(one.page.locator("#watch")).to_contain_text("Read", timeout=SLOW_MS)


def test_the_pages_have_no_serious_fault_for_those_who_use_them_otherwise(town: Town) -> None:
    reader = town.person()
    paths = [
        "/",
        "/explore/",
        f"/@{reader.handle}/",
        "/messages/",
        "/alerts/",
        "/settings/",
        "/settings/profile/",
    ]
    for path in paths:
        reader.opens(path)
        assert faults_of(reader, ALL_LOOKS, WCAG) == []
