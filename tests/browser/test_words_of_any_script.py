"""People's words on small pages: piles of marks, scripts from right to left, very tall posts."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import DESKTOP
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SMALL = (360, 640)
PILE = "\u0489"
ARABIC = "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645 "  # "Welcome".
TALL = "a" + "\n" * 270 + "b"

# Wider than the window, or a box of people's words that draws beyond itself.
SPILT = """() => {
  const found = [];
  const room = document.documentElement.clientWidth;
  for (const one of document.querySelectorAll("main [dir=auto]")) {
    if (getComputedStyle(one).display === "inline") continue; // Its block clips it.
    const { left, right } = one.getBoundingClientRect();
    if (left < -1 || right > room + 1) found.push(`${one.className} ${left} ${right}`);
  }
  const { scrollWidth } = document.documentElement;
  if (scrollWidth <= room) return found;
  for (const one of document.querySelectorAll("main *, nav *, h1"))
    if (one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX === "visible")
      found.push(`${one.localName}.${one.className} ${one.scrollWidth} in ${one.clientWidth}`);
  return [`page ${scrollWidth}`, ...found];
}"""


def writes(town: Town, person: Person, *texts: str, **profile: str) -> None:
    """Post `texts`, newest last, and set the profile: the test is about what is shown."""
    town.site.shell(
        f"""
from accounts.models import User
from posts.models import Post
person = User.objects.get(handle={person.handle!r})
User.objects.filter(pk=person.pk).update(**{profile!r})
for text in {list(texts)!r}:
    Post.objects.create(author=person, text=text)
"""
    )


@pytest.mark.parametrize("size", [SMALL, (740, 360), DESKTOP])
def test_piles_of_marks_and_long_words_stay_in_their_box(town: Town, size: tuple[int, int]) -> None:
    reader = town.person(size=size)
    texts = (PILE * 279, "x" * 280, "\u0e33" * 280, ARABIC * 20, "\u06dd" * 279)
    writes(town, reader, *texts, display_name=PILE * 50, bio=PILE * 160)
    for path in (f"/@{reader.handle}/", "/", f"/@{reader.handle}/followers/", "/settings/profile/"):
        reader.opens(path)
        spilt = reader.ask(SPILT)
        assert not spilt, "\n".join([path, *spilt])
    reader.opens(f"/@{reader.handle}/")
    reader.page.locator(".post__when").last.click()
    expect(reader.page.locator(".post--lead")).to_be_visible()
    spilt = reader.ask(SPILT)
    assert not spilt, "\n".join(spilt)


def test_a_very_tall_post_is_folded_and_opens_by_keyboard(town: Town) -> None:
    reader = town.person(size=SMALL)
    writes(town, reader, TALL, "short\n" * 12 + "short")
    reader.opens(f"/@{reader.handle}/")
    tall = reader.page.locator(".post", has=reader.page.locator("[data-unfold]"))
    expect(tall).to_have_count(1)
    before = tall.bounding_box()
    assert before and before["height"] < 640
    tall.get_by_role("button", name="Show more").focus()
    reader.page.keyboard.press("Enter")
    expect(tall).to_have_count(0)
    opened = reader.page.locator(".post__text:focus")
    after = opened.bounding_box()
    assert after and after["height"] > 4000
    opened.locator("xpath=ancestor::article").locator(".post__when").first.click()
    expect(reader.page.locator(".post--lead .post__text")).to_be_visible()
    expect(reader.page.locator(".post--lead [data-unfold]")).to_have_count(0)  # Its own page.


def test_a_name_from_right_to_left_begins_at_its_right_and_turns_nothing_around(town: Town) -> None:
    reader = town.person(size=SMALL)
    name = "\u0639\u0644\u06cc \u0631\u0636\u0627"
    writes(town, reader, ARABIC * 3, "Plain words", display_name=name)
    reader.opens(f"/@{reader.handle}/")
    directions = reader.ask(
        """() => [...document.querySelectorAll(".profile__name, .post__text")]
          .map((one) => getComputedStyle(one).direction)"""
    )
    assert directions == ["rtl", "ltr", "rtl"]
    label = reader.page.locator(".post").first.get_attribute("aria-label")
    assert label == f"Post by \u2068{name}\u2069"
    # The handle and the time stand left to right beside the name.
    order = reader.ask(
        """() => {
          const [name, meta] = [".post__name", ".post__meta"]
            .map((one) => document.querySelector(one).getBoundingClientRect());
          return [name.left >= 0, meta.left >= 0, name.right <= innerWidth, meta.right <= innerWidth];
        }"""
    )
    assert all(order), json.dumps(order)
