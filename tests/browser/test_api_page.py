"""The page that describes the API: drawn under the strict content policy, every operation on it."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import SLOW_MS
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_it_shows_the_operations_and_breaks_no_rule_of_the_page(town: Town) -> None:
    reader = town.visitor()
    reader.opens("/api/v1/docs/")
    expect(reader.page.locator(".opblock", has_text="/api/v1/fleets/").first).to_be_visible(
        timeout=SLOW_MS
    )
    assert reader.page.locator(".opblock").count() > 80
