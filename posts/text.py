"""Turn the plain text of a post into safe HTML: links, @mentions and #hashtags.

The database holds what was typed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from linkify_it import LinkifyIt

from config.rendering.fast_reverse import address
from posts.link_cards import is_ours

_linkify = LinkifyIt().tlds(["id", "app", "dev", "social"], keep_old=True)

# Not after a word character, "/" or "@": an e-mail address is no mention. 30 is the longest handle.
_MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z0-9_]{2,30})(?![A-Za-z0-9_@])")
# At least one letter, so that "#1" stays a number; not inside a word or an HTML entity.
_HASHTAG = re.compile(r"(?<![\w#&/])#(\w{0,99}[^\W\d_]\w{0,99})")
_HASHTAG_CHARS = 100
_SHOWN_LINK_CHARS = 40


@dataclass(frozen=True)
class TextPiece:
    """A stretch of the text.

    `value` is the address, the handle or the tag; for plain words it is the text.
    """

    kind: Literal["words", "link", "mention", "hashtag"]
    text: str
    value: str


def pieces(text: str) -> Iterator[TextPiece]:
    """Cut `text` into pieces, in order; their texts joined are `text` again."""
    at = 0
    for link in _links(text):
        yield from _words(text[at : link.index])
        yield TextPiece("link", text[link.index : link.last_index], link.url)
        at = link.last_index
    yield from _words(text[at:])


@dataclass(frozen=True)
class _Link:
    index: int
    last_index: int
    url: str


def _links(text: str) -> Iterator[_Link]:
    """Yield the web addresses in `text`, in order.

    linkify also finds mailto:, ftp: and schemes without a host, which are not made links.
    """
    for match in _linkify.match(text) or []:
        if match.url.startswith(("http://", "https://")):
            yield _Link(match.index, match.last_index, match.url)


def _words(text: str) -> Iterator[TextPiece]:
    at = 0
    found = sorted([*_MENTION.finditer(text), *_HASHTAG.finditer(text)], key=re.Match.start)
    for match in found:
        if match.start() < at:  # Inside the one before, as the tag in "@a#b".
            continue
        if match.start() > at:
            yield TextPiece("words", text[at : match.start()], text[at : match.start()])
        kind: Literal["mention", "hashtag"] = "mention" if match[0].startswith("@") else "hashtag"
        yield TextPiece(kind, match[0], match[1])
        at = match.end()
    if at < len(text):
        yield TextPiece("words", text[at:], text[at:])


def links(text: str) -> list[str]:
    """Return the web addresses in `text`, in order."""
    return [link.url for link in _links(text)]


def mentions(text: str) -> set[str]:
    """Return the handles named in `text`, lower case."""
    return {piece.value.lower() for piece in pieces(text) if piece.kind == "mention"}


def hashtags(text: str) -> dict[str, str]:
    """Return the hashtags in `text`: folded, as they are compared, to how each was typed first."""
    found: dict[str, str] = {}
    for piece in pieces(text):
        if piece.kind == "hashtag":
            found.setdefault(fold_tag(piece.value), piece.value[:_HASHTAG_CHARS])
    return found


def fold_tag(name: str) -> str:
    return name.casefold()[:_HASHTAG_CHARS]


def render(text: str, hidden_link: str = "") -> SafeString:
    """Return `text` as HTML.

    A `hidden_link` at the very end is left out, because its card stands below.
    """
    parts = list(pieces(text))
    if hidden_link and parts and parts[-1] == TextPiece("link", parts[-1].text, hidden_link):
        del parts[-1]
        if parts and parts[-1].kind == "words":
            parts[-1] = TextPiece("words", parts[-1].text.rstrip(), "")
    return mark_safe("".join(_html_of(piece) for piece in parts))  # Each piece is escaped there.


def _html_of(piece: TextPiece) -> str:
    if piece.kind == "words":
        return escape(piece.text)
    if piece.kind == "mention":
        url = address("accounts:profile", piece.value)
        return format_html('<a class="link" href="{}">{}</a>', url, piece.text)
    if piece.kind == "hashtag":
        url = address("posts:tag", piece.value)
        return format_html('<a class="link" href="{}">{}</a>', url, piece.text)
    shown = re.sub(r"^https?://(www\.)?", "", piece.text)
    if len(shown) > _SHOWN_LINK_CHARS:
        shown = shown[: _SHOWN_LINK_CHARS - 1] + "…"
    if is_ours(piece.value):
        return format_html('<a class="link" href="{}">{}</a>', piece.value, shown)
    # noopener noreferrer: a foreign page learns neither our window nor which post led to it.
    return format_html(
        '<a class="link" href="{}" rel="nofollow noopener noreferrer ugc" target="_blank">{}</a>',
        piece.value,
        shown,
    )
