"""Two hundred strings of markup in every text people can write, shown on every page: all of them
stay words.
"""

from typing import Any

import pytest

from tests.browser import xss
from tests.browser.people import Person
from tests.browser.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

# Before anything of the page runs: what the policy stopped, and what came to life in spite of it.
WATCH = """
window.stopped = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.stopped.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => window.stopped.push(`${name} ran`);
"""
# What could only have come out of somebody's words: handlers, scripts and frames that no template
# of ours has.
ALIVE = """() => {
  const found = window.stopped.slice();
  const LEADS = ["href", "src", "action", "formaction", "data", "hx-get", "hx-post", "xlink:href"];
  for (const one of document.querySelectorAll("*")) {
    for (const { name, value } of one.attributes) {
      if (name.startsWith("on") || name.startsWith("hx-on")) found.push(`<${one.localName} ${name}="${value}">`);
      const runs = /^\\s*(javascript|vbscript):/i.test(value) && LEADS.includes(name);
      if (runs) found.push(`<${one.localName} ${name}="${value}">`);
    }
  }
  const never = "iframe, object, embed, base, marquee, math, xmp, main script, main style, main link, main meta";
  for (const one of document.querySelectorAll(never)) {
    found.push(one.outerHTML.slice(0, 120));
  }
  return found;
}"""

NEXT_PAGE = """() => {
  const more = document.querySelector(".feed__more a");
  return more ? location.pathname + more.getAttribute("href").replace(/^[^?]*/, "") : null;
}"""


class Watched:
    """A page that counts what should never happen."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.found: list[str] = []
        person.window.add_init_script(WATCH)
        person.page.on("dialog", self._on_dialog)
        person.page.on("request", self._on_request)

    def _on_dialog(self, dialog: Any) -> None:  # Any: Playwright's.
        self.found.append(f"a dialog at {self.person.page.url}")
        dialog.dismiss()

    def _on_request(self, request: Any) -> None:  # Any: Playwright's.
        own = (self.person.site, "data:", "blob:", "ws://localhost", "about:")
        if not request.url.startswith(own) or "/account/logout" in request.url:
            self.found.append(f"{request.url} asked for by {self.person.page.url}")

    def looks_at(self, path: str) -> bool:
        """Open a page; False if there is none."""
        answer = self.person.page.goto(self.person.site + path, wait_until="load")
        assert answer
        self.found += [f"{path}: {one}" for one in self.person.ask(ALIVE)]
        assert answer.status < 500, path
        return answer.status < 400

    def looks_to_the_end_of(self, path: str) -> int:
        """Open a feed and each further page of it; returns how many."""
        pages = 0
        following: str | None = path
        while following and self.looks_at(following):
            pages += 1
            following = self.person.ask(NEXT_PAGE)
        return pages


def test_no_word_becomes_markup_on_any_page(town: Town) -> None:
    assert len(xss.payloads()) == 200
    reader = town.person()
    town.site.shell(f"from tests.browser import xss; xss.plant({reader.handle!r})")
    watched = Watched(reader)
    for path in xss.addresses(reader.handle):
        watched.looks_at(path)
    assert watched.looks_to_the_end_of(f"/@{xss.AUTHOR}/") >= 10  # All two hundred have been drawn.
    posts = reader.ask(
        "() => [...document.querySelectorAll('a.post__when')].map((link) => link.pathname)"
    )
    for path in posts[:8]:
        watched.looks_at(path)
    reader.opens("/messages/")
    for path in reader.ask(
        "() => [...document.querySelectorAll('a.thread')].map((link) => link.pathname)"
    )[:8]:
        watched.looks_at(path)
    reader.opens("/spaces/")
    for path in reader.ask(
        "() => [...document.querySelectorAll('main a[href^=\"/spaces/\"]')].map((link) => link.pathname)"
    )[:8]:
        watched.looks_at(path)
    reader.opens("/drafts/")
    for path in reader.ask(
        "() => [...document.querySelectorAll('a.draft__words')].map((link) => link.pathname + link.search)"
    )[:8]:
        watched.looks_at(path)
    assert watched.found == []
