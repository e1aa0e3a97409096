"""The app side of the site: the service worker, the page without a line, and a push from the server
to the screen.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import SMALL_PHONE, WCAG, by_day_and_night, faults_of, grave
from tests.browser.chromium import DESKTOP
from tests.browser.people import Person
from tests.browser.test_pages import SLOW_MS
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

READY = "() => navigator.serviceWorker.ready.then((one) => Boolean(one.active))"
# Chromium has no push service to subscribe at here, so the notice is handed to the worker as the
# service would.
SHOWN = """async () => {
  const one = await navigator.serviceWorker.ready;
  return (await one.getNotifications()).map((each) => [each.title, each.body, each.data.url]);
}"""


def is_ready(person: Person) -> None:
    person.until(lambda: person.ask(READY), "the service worker")


def test_it_shows_a_page_of_its_own_without_a_line_and_comes_back(town: Town) -> None:
    reader = town.person()
    reader.opens("/")
    is_ready(reader)
    reader.opens("/explore/")
    reader.window.set_offline(True)
    reader.page.goto(f"{reader.site}/alerts/")
    expect(reader.page.get_by_role("heading")).to_have_text("No connection", timeout=SLOW_MS)
    assert grave(reader.page) == []
    reader.window.set_offline(False)
    expect(reader.page.locator("main h1")).to_contain_text("Alerts", timeout=SLOW_MS)


def push_service_of(reader: Person) -> Callable[[str], None]:
    """Return what hands a push to the worker of the reader, who allows notices."""
    reader.window.grant_permissions(["notifications"], origin=reader.site)
    reader.opens("/")
    is_ready(reader)
    devtools = reader.window.new_cdp_session(reader.page)
    versions: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: versions.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    reader.until(lambda: versions, "the registration")

    def push(data: str) -> None:
        message = {"origin": reader.site, "registrationId": versions[0], "data": data}
        devtools.send("ServiceWorker.deliverPushMessage", message)

    return push


def test_the_worker_shows_a_push_and_a_bad_one_says_nothing_foreign(town: Town) -> None:
    reader = town.person()
    push = push_service_of(reader)
    push('{"title": "Budi", "body": "Tea?", "url": "/messages/7/", "tag": "conversation:7"}')
    reader.until(lambda: reader.ask(SHOWN) == [["Budi", "Tea?", "/messages/7/"]], "the notice")
    push(
        '{"title": "Budi", "body": "Or nine?", "url": "https://evil.example/", "tag": "conversation:7"}'
    )
    reader.until(
        lambda: reader.ask(SHOWN) == [["Budi", "Or nine?", "/alerts/"]],
        "the newer one in its place",
    )


def test_what_was_read_on_another_device_goes_from_the_screen(town: Town) -> None:
    reader = town.person()
    push = push_service_of(reader)

    def titles() -> list[str]:
        return sorted(title for title, _body, _url in reader.ask(SHOWN))

    for title, tag in (("Budi", "conversation:7"), ("Noor", "conversation:8"), ("Like", "like::")):
        push(f'{{"title": "{title}", "body": "", "url": "/alerts/", "tag": "{tag}", "unread": 3}}')
    reader.until(lambda: titles() == ["Budi", "Like", "Noor"], "three notices")
    push('{"close": "conversation:7", "unread": 2}')
    reader.until(lambda: titles() == ["Like", "Noor"], "the conversation is gone")
    push('{"close": "", "unread": 1}')
    reader.until(lambda: titles() == ["Noor"], "the alerts are gone")
    # An open page hears of it by itself, by the number at its tab.
    reader.ask(
        """() => document.dispatchEvent(
            new CustomEvent("live:messages", { detail: { unread: 0 } }))"""
    )
    reader.until(lambda: titles() == [], "nothing is unread")


@pytest.mark.parametrize("size", [SMALL_PHONE, DESKTOP])
def test_the_page_of_the_switches_works_and_has_no_serious_fault(
    town: Town, size: tuple[int, int]
) -> None:
    reader = town.person(size=size)
    reader.opens("/settings/notifications/")
    expect(reader.page.locator("[data-push-state]")).not_to_be_empty(timeout=SLOW_MS)
    assert faults_of(reader, by_day_and_night(size), WCAG) == []
    switch = reader.page.get_by_role("switch", name="Likes and reposts: Push")
    switch.check()
    reader.page.get_by_role("switch", name="No pushes at night").check()
    reader.page.get_by_role("button", name="Save").click()
    expect(reader.page.locator("#toasts")).to_contain_text("Saved", timeout=SLOW_MS)
    reader.opens("/settings/notifications/")
    expect(switch).to_be_checked()
