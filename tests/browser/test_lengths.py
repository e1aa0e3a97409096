"""A limit is the same number for who types and for the server: code points, not UTF-16 units, of
which an emoji is two.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from config.limits import LIMITS
from tests.browser.people import Person
from tests.browser.test_pages import SLOW_MS
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def pastes(person: Person, field: Locator, text: str) -> None:
    """As from the clipboard: the browser cuts what its own `maxlength` does not allow."""
    field.fill("")
    field.focus()
    person.page.keyboard.insert_text(text)


def name_field(person: Person) -> Locator:
    person.opens("/settings/profile/")
    return person.page.locator("main [name=display_name]")


def group_field(person: Person) -> Locator:
    person.opens("/messages/new/")
    return person.page.locator("#group-name")


def option_field(person: Person) -> Locator:
    person.opens("/")
    composer = person.page.locator("#composer")
    composer.locator("textarea").first.fill("Which?")
    composer.locator("[data-open-poll]").click()
    composer.locator("[name=option]").nth(1).fill("No")
    return composer.locator("[name=option]").nth(0)


PLACES = [
    pytest.param(name_field, LIMITS.display_name_chars, id="name"),
    pytest.param(group_field, LIMITS.group_name_chars, id="group name"),
    pytest.param(option_field, LIMITS.poll_option_chars, id="poll option"),
]


@pytest.mark.parametrize(("place", "most"), PLACES)
def test_all_of_a_pasted_text_goes_into_the_field(
    town: Town, place: Callable[[Person], Locator], most: int
) -> None:
    person = town.person()
    field = place(person)
    for number in (most // 2, most):
        pastes(person, field, "😀" * number)
        expect(field).to_have_value("😀" * number)
        assert field.evaluate("(field) => field.validationMessage") == ""
    expect(person.page.locator(".chars-left")).to_have_text("0")


@pytest.mark.parametrize(("place", "most"), PLACES)
def test_one_more_is_pointed_out_with_the_servers_count(
    town: Town, place: Callable[[Person], Locator], most: int
) -> None:
    person = town.person()
    field = place(person)
    pastes(person, field, "😀" * (most + 1))
    expect(field).to_have_value("😀" * (most + 1))
    message = field.evaluate("(field) => field.validationMessage")
    assert str(most) in message
    assert str(most + 1) in message
    expect(person.page.locator(".chars-left--over")).to_have_text("-1")
    assert field.evaluate("(field) => !field.form.checkValidity()")
    field.press("Backspace")
    expect(person.page.locator(".chars-left--over")).to_have_count(0)
    assert field.evaluate("(field) => field.validationMessage") == ""


def test_the_server_takes_as_many_and_refuses_one_more(town: Town) -> None:
    person = town.person()
    most = LIMITS.display_name_chars
    field = name_field(person)
    pastes(person, field, "😀" * (most + 1))
    # Past the browser's own check, as a program would.
    with person.page.expect_navigation():
        field.evaluate("(field) => field.form.submit()")
    expect(person.page.locator("main .field__error").first).to_contain_text(str(most))
    expect(person.page.locator(".chars-left--over")).to_have_text("-1")
    pastes(person, field, "😀" * most)
    person.page.get_by_role("button", name="Save").click()
    expect(person.page).to_have_url(f"{person.site}/@{person.handle}/", timeout=SLOW_MS)
    expect(person.page.locator("main")).to_contain_text("😀" * most)


def test_the_server_takes_a_poll_of_as_many(town: Town) -> None:
    person = town.person()
    field = option_field(person)
    pastes(person, field, "😀" * LIMITS.poll_option_chars)
    person.page.locator("#composer [data-send]").click()
    poll = person.page.locator("article.post .poll").first
    expect(poll).to_contain_text("😀" * LIMITS.poll_option_chars, timeout=SLOW_MS)


def test_the_server_takes_a_group_named_so(town: Town) -> None:
    person, one, other = town.person(), town.person(), town.person()
    field = group_field(person)
    name = "😀" * LIMITS.group_name_chars
    for member in (one, other):
        person.page.locator("[data-picker] [type=search]").fill(member.handle)
        person.page.locator(f"[data-candidates] [value={member.handle}]").click()
    pastes(person, field, name)
    person.page.get_by_role("button", name="Next").click()
    expect(person.page.locator("main")).to_contain_text(name, timeout=SLOW_MS)
