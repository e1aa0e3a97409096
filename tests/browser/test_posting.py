"""Writing beyond a few words: polls, threads, drafts, who may reply, and the button that tells of
new posts.
"""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
SOON_MS = 10_000  # What RULES promise of things that follow the world.


def composer_of(person: Person) -> Locator:
    return person.page.locator("#composer")


def follows(person: Person, other: Person) -> None:
    person.opens(f"/@{other.handle}/")
    person.page.locator(".profile__buttons .follow button").click()
    expect(person.page.locator(".profile__buttons .follow")).to_contain_text("Following")


def asks(person: Person, question: str, options: list[str]) -> None:
    composer = composer_of(person)
    composer.locator("[data-open-poll]").click()
    for place, option in enumerate(options):
        if place >= 2:
            composer.locator("[data-add-option]").click()
        composer.locator("input[name=option]").nth(place).fill(option)
    person.posts(question)


def test_a_poll_is_voted_in_and_follows_the_votes(town: Town) -> None:
    author, one, other = town.person(), town.person(), town.person()
    author.opens("/")
    expect(composer_of(author).locator("[data-send]")).to_be_disabled()
    asks(author, "Which night works?", ["Tuesday", "Thursday", "Sunday"])
    expect(composer_of(author).locator("[data-poll]")).to_be_hidden()
    address = author.address_of_post("Which night works?")
    for voter in (one, other):
        voter.opens(address)
        expect(voter.page.locator("article.post .num")).to_have_count(0)
    one.page.get_by_role("button", name="Tuesday").click()
    poll = one.page.locator("article.post .poll").first
    expect(poll).to_contain_text("100%")
    expect(poll).to_contain_text("1 vote")
    other.page.get_by_role("button", name="Sunday").click()
    expect(poll).to_contain_text("50%", timeout=SOON_MS)
    expect(poll).to_contain_text("2 votes")
    expect(one.page.locator("li.poll__option--mine")).to_contain_text("Tuesday")


def test_new_posts_are_offered_at_once(town: Town) -> None:
    author, reader = town.person(), town.person()
    follows(reader, author)
    reader.opens("/")
    reader.until(
        lambda: reader.ask("() => 'live' in document.documentElement.dataset"), "the person socket"
    )
    author.opens("/")
    author.posts("Hot off the press")
    pill = reader.page.locator(".feed__new")
    expect(pill).to_be_visible(timeout=SOON_MS)
    expect(pill).to_contain_text("1 new post")
    pill.click()
    expect(reader.post("Hot off the press")).to_be_visible()


def test_a_thread_is_written_and_read_in_one_piece(town: Town) -> None:
    author = town.person()
    author.opens("/")
    composer = composer_of(author)
    composer.locator("textarea[name=text]").fill("First of three")
    for text in ("Second of three", "Third of three"):
        composer.locator("[data-add-part]").click()
        author.page.keyboard.type(text)
    composer.locator("textarea[name=more]").last.fill("x" * 281)
    expect(composer.locator("[data-send]")).to_be_disabled()
    composer.locator("textarea[name=more]").last.fill("Third of three")
    composer.locator("[data-send]").click()
    expect(author.post("Third of three")).to_be_visible()
    expect(composer.locator("[data-thread-part]")).to_have_count(0)
    author.opens(author.address_of_post("First of three"))
    texts = author.page.locator(".feed--thread .post__text")
    expect(texts).to_have_text(["First of three", "Second of three", "Third of three"])


def test_a_draft_is_kept_taken_up_again_and_posted(town: Town) -> None:
    author = town.person()
    author.opens("/posts/compose/")
    composer = composer_of(author)
    composer.locator("textarea[name=text]").fill("Not quite finished")
    composer.locator("[data-save-draft]").click()
    expect(author.page.locator("#toasts")).to_contain_text("Kept in your drafts.")
    expect(composer.locator("textarea[name=text]")).to_have_value("")
    author.page.get_by_role("link", name="Your drafts").click()
    author.page.locator("a.draft__words", has_text="Not quite finished").click()
    expect(composer.locator("textarea[name=text]")).to_have_value("Not quite finished")
    composer.locator("textarea[name=text]").fill("Finished now")
    composer.locator("[data-send]").click()
    expect(author.post("Finished now")).to_be_visible()
    author.opens("/drafts/")
    expect(author.page.locator("main")).to_contain_text("No drafts")


def test_only_those_who_are_mentioned_may_reply(town: Town) -> None:
    author, named, other = town.person(), town.person(), town.person()
    author.opens("/")
    composer_of(author).locator("textarea[name=text]").fill(f"Only you, @{named.handle}")
    composer_of(author).locator("select[name=replies_from]").select_option("mentioned")
    composer_of(author).locator("[data-send]").click()
    address = author.address_of_post("Only you")
    other.opens(address)
    expect(other.page.locator(".reply-rule")).to_contain_text("Only people whom")
    expect(other.page.locator("#reply")).to_have_count(0)
    named.opens(address)
    named.page.locator("#reply textarea").fill("At your service")
    named.page.locator("#reply [data-send]").click()
    expect(named.page.locator("#answers")).to_contain_text("At your service")


def test_a_post_has_room_for_one_kind_of_thing(town: Town) -> None:
    author = town.person()
    author.opens("/")
    composer = composer_of(author)
    composer.locator("[data-open-poll]").click()
    expect(composer.locator("[data-record]")).to_be_disabled()
    expect(composer.locator("[data-images]")).to_be_disabled()
    composer.locator("[data-drop-poll]").click()
    expect(composer.locator("[data-record]")).to_be_enabled()
    expect(composer.locator("[data-open-poll]")).to_be_focused()
