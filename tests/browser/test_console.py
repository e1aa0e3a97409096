"""Every page is clean: no CSP violation, no console error, no missing file, nothing axe calls serious."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.chromium import DESKTOP
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
VIEWPORTS = ((360, 740), DESKTOP)
GRAVE = {"serious", "critical"}
# What a person without an account may open, and what needs one. `{me}` is the viewer's handle.
FOR_VISITORS = ("/account/login/", "/account/signup/", "/account/password/reset/", "/spaces/", "/explore/", "/@alice/")
FOR_MEMBERS = (
    "/",
    "/explore/",
    "/spaces/",
    "/spaces/new/",
    "/alerts/",
    "/bookmarks/",
    "/@{me}/",
    "/settings/",
    "/posts/compose/",
)


def faults_of(person: Person) -> list[str]:
    """Return what axe calls serious or critical, on a phone and a desktop, by day and by night."""
    found = []
    for colours in ("light", "dark"):
        for width, height in VIEWPORTS:
            person.page.emulate_media(color_scheme="dark" if colours == "dark" else "light")
            person.page.set_viewport_size({"width": width, "height": height})
            person.settles()
            for violation in Axe().run(person.page).response["violations"]:
                if violation["impact"] in GRAVE:
                    where = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
                    found.append(f"{person.path()} {colours} {width}px {violation['id']}: {where}")
            if person.ask("() => document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{person.path()} {colours} {width}px scrolls sideways")
    return found


def visit(person: Person, paths: tuple[str, ...]) -> list[str]:
    troubles = person.notes_troubles()
    found = []
    for path in paths:
        answer = person.opens(path.format(me=person.handle))
        if answer != 200:
            found.append(f"{path} answers {answer}")
            continue
        found += faults_of(person)
    return found + troubles


def test_every_page_of_a_visitor_is_clean(town: Town) -> None:
    found = visit(town.visitor(), FOR_VISITORS)
    assert not found, "\n".join(found)


def test_every_page_of_a_member_is_clean(town: Town) -> None:
    found = visit(town.person(handle="alice"), FOR_MEMBERS)
    assert not found, "\n".join(found)


def test_a_live_room_is_clean_for_host_and_listener(town: Town) -> None:
    host, listener = town.person(), town.person()
    troubles = [person.notes_troubles() for person in (host, listener)]
    host.is_live_in("A tidy room")
    listener.listens_to(host.room_url)
    host.opens_the_panel("people")
    found = faults_of(host) + faults_of(listener)
    host.ends()
    listener.sees_the_end()
    found += faults_of(listener) + troubles[0] + troubles[1]
    assert not found, "\n".join(found)


def test_every_link_on_the_main_pages_leads_somewhere(town: Town) -> None:
    person = town.person(handle="bob")
    dead = []
    seen: set[str] = set()
    for path in FOR_MEMBERS:
        person.opens(path.format(me=person.handle))
        for link in person.links():
            if link in seen:
                continue
            seen.add(link)
            status = person.page.context.request.get(link).status
            if status >= 400:
                dead.append(f"{link} on {path} answers {status}")
    assert not dead, "\n".join(dead)
