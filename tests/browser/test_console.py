"""Every page is clean: no CSP violation, no console error, no missing file, nothing axe calls
serious.
"""

import re
from collections.abc import Sequence

import pytest

from tests.browser.axe import ALL_LOOKS, TWO_LOOKS, Look, faults_of
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
# What a person without an account may open, and what needs one. `{me}` is the viewer's handle.
FOR_VISITORS = (
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/spaces/",
    "/explore/",
    "/@alice/",
)
FOR_MEMBERS = ("/", "/explore/", "/spaces/", "/spaces/new/", "/alerts/", "/@{me}/", "/settings/")
MORE_FOR_MEMBERS = (
    "/bookmarks/",
    "/posts/compose/",
    "/search/?q=river",
    "/alerts/requests/",
    "/@{me}/followers/",
    "/settings/profile/",
    "/settings/hidden/",
    "/account/email/",
    "/account/password/change/",
    "/account/2fa/",
    "/account/sessions/",
)
ONE_POST, ONE_SPACE = r"/posts/\d+/$", r"/spaces/\w{12}/$"


def visit(person: Person, paths: Sequence[str], looks: Sequence[Look]) -> list[str]:
    troubles = person.notes_troubles()
    found = []
    for path in paths:
        status = person.opens(path.format(me=person.handle))
        found += [f"{path} answers {status}"] if status != 200 else faults_of(person, looks)
    return found + troubles


def link_to(person: Person, pattern: str) -> str:
    """Return the first address on the page that the pattern finds."""
    return next(link for link in person.links() if re.search(pattern, link))


def test_every_page_of_a_visitor_is_clean(town: Town) -> None:
    found = visit(town.visitor(), FOR_VISITORS, ALL_LOOKS)
    assert not found, "\n".join(found)


def test_every_page_of_a_member_is_clean(town: Town) -> None:
    found = visit(town.person(handle="alice"), FOR_MEMBERS, ALL_LOOKS)
    assert not found, "\n".join(found)


def test_every_further_page_of_a_member_is_clean(town: Town) -> None:
    alice = town.person(handle="alice")
    alice.opens("/explore/")
    post = link_to(alice, ONE_POST)
    alice.opens("/spaces/")
    found = visit(alice, (*MORE_FOR_MEMBERS, post, link_to(alice, ONE_SPACE)), TWO_LOOKS)
    assert not found, "\n".join(found)


def test_a_missing_page_is_a_page_of_ours(town: Town) -> None:
    visitor = town.visitor()
    assert visitor.opens("/there/is/no/such/page/") == 404
    found = faults_of(visitor, TWO_LOOKS)
    assert not found, "\n".join(found)
    visitor.page.locator("main").get_by_role("link").first.click()
    visitor.page.wait_for_url(lambda url: "no/such/page" not in url)


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


def shape_of(link: str) -> str:
    """Return the address with what varies taken out: one post, person or Space stands for all."""
    return re.sub(r"\d+|(?<=/spaces/)\w{12}|(?<=@)\w+|(?<=/tags/)[^/]+", "…", link)


def test_every_link_on_the_main_pages_leads_somewhere(town: Town) -> None:
    person = town.person(handle="bob")
    dead = []
    seen: set[str] = set()
    for path in (*FOR_MEMBERS, *MORE_FOR_MEMBERS):
        person.opens(path.format(me=person.handle))
        for link in person.links():
            if shape_of(link) in seen:
                continue
            seen.add(shape_of(link))
            status = person.page.context.request.get(link).status
            if status >= 400:
                dead.append(f"{link} on {path} answers {status}")
    assert len(seen) > 20, "the pages are full of links"
    assert not dead, "\n".join(dead)
