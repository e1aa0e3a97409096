"""The two hundred strings of tests/browser/xss.py on every page, read as a browser reads markup:
all stay words.

The test in Chromium shows that nothing runs; this one needs no browser and names the page and the
tag.
"""

import re
from html.parser import HTMLParser

from accounts.models import User
from tests.accounts.people import browser_of
from tests.browser import xss

LEADS = {
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "hx-get",
    "hx-post",
    "xlink:href",
    "srcdoc",
    "background",
}
NEVER = {
    "iframe",
    "object",
    "embed",
    "base",
    "marquee",
    "math",
    "xmp",
    "style",
    "applet",
    "frame",
    "noscript",
}
CODE = re.compile(r"\s*(?:javascript:|vbscript:|data:text)", re.IGNORECASE)


class Reader(HTMLParser):
    """Collects what no template of ours makes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        alive = [name for name in names if name.startswith(("on", "hx-on", "data-hx"))]
        leads = [name for name, value in attrs if name in LEADS and CODE.match(value or "")]
        loads = tag in {"script", "link", "img", "source"}
        foreign = loads and any(
            name in LEADS and "evil.example" in (value or "") for name, value in attrs
        )
        bare = tag == "script" and not (names.get("src") or "").startswith("/")
        if (
            alive
            or leads
            or foreign
            or bare
            or tag in NEVER
            or ("meta" in tag and "http-equiv" in names)
        ):
            self.found.append(f"<{tag} {attrs}>")


def pages_of(viewer: User, path: str) -> list[tuple[str, str]]:
    """The page, and of a feed every further page."""
    browser, found, following = browser_of(viewer), [], path
    while following:
        answer = browser.get(following)
        assert answer.status_code < 500, following
        html = answer.content.decode()
        found.append((following, html))
        more = re.search(r'href="(\?after=[^"]+)"', html) if path.startswith("/@") else None
        following = path + more[1].replace("&amp;", "&") if more else ""
    return found


def test_no_word_becomes_markup_on_any_page(db: None) -> None:
    viewer = User.objects.create_user("reader", "reader@people.example")
    xss.plant("reader")
    pages = [page for path in xss.addresses("reader") for page in pages_of(viewer, path)]
    links = {
        link
        for _path, html in pages
        for link in re.findall(r'href="(/(?:posts|messages)/\d+/)"', html)
    }
    pages += [page for link in sorted(links)[:40] for page in pages_of(viewer, link)]
    troubles = []
    for path, html in pages:
        reader = Reader()
        reader.feed(html)
        troubles += [f"{path}: {tag}" for tag in reader.found]
    assert troubles == []
    drawn = "".join(html for _path, html in pages)
    assert (
        sum(
            text in drawn
            for text in ("&lt;script&gt;alert(1)", "&lt;img src=x onerror=alert(1)&gt;")
        )
        == 2
    )
    assert len(pages) > 60


def test_its_reader_sees_what_should_not_be_there() -> None:
    for text in xss.payloads()[:22]:
        reader = Reader()
        reader.feed(f"<p>{text}</p>")
        assert reader.found, text
