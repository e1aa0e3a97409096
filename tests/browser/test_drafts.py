"""A draft with a picture: kept, opened, posted, and nothing of it lost on the way."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import SLOW_MS, picture
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_pictures_wait_in_a_draft_until_they_are_posted(town: Town, tmp_path: Path) -> None:
    author = town.person()
    author.opens("/posts/compose/")
    form = author.page.locator("form[data-composer]")
    form.locator("[data-images]").set_input_files(
        [picture(tmp_path / "one.png"), picture(tmp_path / "two.png")]
    )
    form.locator(".picked__alt").first.fill("A river in one colour")
    form.locator("[data-save-draft]").click()
    expect(form.locator(".picked")).to_have_count(0, timeout=SLOW_MS)
    author.opens("/drafts/")
    expect(author.page.locator(".draft")).to_contain_text("2 pictures")
    author.page.locator(".draft__words").click()
    expect(form.locator("[data-kept]")).to_have_count(2)
    expect(form.locator("[data-send]")).to_be_enabled()
    form.locator("[data-drop-kept]").last.click()
    form.locator("[data-images]").set_input_files(picture(tmp_path / "three.png"))
    form.locator("textarea[name=text]").fill("Three days by the river")
    form.locator("[data-send]").click()
    author.page.wait_for_url(f"{author.site}/")
    author.opens(f"/@{author.handle}/")
    post = author.page.locator("article.post").first
    expect(post).to_contain_text("Three days by the river", timeout=SLOW_MS)
    expect(post.locator(".gallery__item")).to_have_count(2)
    shown = post.get_by_role("img", name="A river in one colour")
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 64
    author.opens("/drafts/")
    expect(author.page.get_by_role("heading", name="No drafts")).to_be_visible()
