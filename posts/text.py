"""Turn the plain text of a post into safe HTML: links, @mentions and #hashtags.

The database holds what was typed. `pieces` alone decides what is what: for pages, cards, alerts,
tag pages and who may reply. What a hashtag is stands in `config.hashtags`, so that muted words know
it, too; how addresses are found in `posts.web_addresses`.
"""

import functools
import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Literal

import regex
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from config import hashtags as tags
from config.hashtags import NAME_CHARS, fold_tag
from config.rendering.fast_reverse import address
from posts import web_addresses
from posts.link_cards import is_ours

MENTION_SIGNS = "@＠﹫"
# What may begin a piece that is no words, and the rest of a dotted name, so that it is looked at
# once. Most posts have none, and cost this search alone.
_TRIGGER = re.compile(
    rf"[{tags.SIGNS}{MENTION_SIGNS}]|://|(?<=[^\s.])(?:\.[^\s.{tags.SIGNS}{MENTION_SIGNS}:/?()<>\"]+)+"
)
# Keyboards of East Asia write wide letters, too. A Latin letter or a mark that follows belongs to
# the word, which then is no handle; a particle ("さん", "님") does not. Two signs are an address of
# another kind. 30 is the longest handle.
_MENTION = regex.compile(
    r"(?V1)[@＠﹫]([A-Za-z0-9_Ａ-Ｚａ-ｚ０-９＿]{2,30})"
    r"(?![\p{Script=Latin}\p{Nd}_＿@＠﹫]|[\p{M}--\p{DI}])"
)
# Scripts with capitals put blanks between words, so "mail@alice" is no mention and "谢谢@alice" is.
_INSIDE_MENTION = regex.compile(r"[\p{LC}\p{Nd}_＿@＠﹫/]")
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}_]")
_SHOWN_LINK_CHARS = 40
TEXTS_KEPT = 512  # A page asks for links, for names and for the HTML of each of its texts.
_NOT_SHOWN = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


@dataclass(frozen=True)
class TextPiece:
    """A stretch of the text.

    `value` is the address, the handle or the tag; for plain words it is the text.
    """

    kind: Literal["words", "link", "mention", "hashtag"]
    text: str
    value: str


@functools.lru_cache(maxsize=TEXTS_KEPT)
def pieces(text: str) -> tuple[TextPiece, ...]:
    """Cut `text` into pieces, in order; their texts joined are `text` again."""
    return tuple(_cut(text))


def _cut(text: str) -> Iterator[TextPiece]:
    at = 0
    for start, piece in _found(text):
        if start > at:
            yield TextPiece("words", text[at:start], text[at:start])
        yield piece
        at = start + len(piece.text)
    if at < len(text):
        yield TextPiece("words", text[at:], text[at:])


def _found(text: str) -> Iterator[tuple[int, TextPiece]]:
    """Yield the pieces that are no words, each with where it begins."""
    at = 0  # Everything before is decided, so no stretch is looked at twice.
    after: TextPiece | None = None
    for trigger in _TRIGGER.finditer(text):
        place = trigger.start()
        if place < at:
            continue
        found = _FINDERS[text[place]](text, place, at)
        if found is None:
            continue
        start, piece = found
        # "#one#two" is one tag, and in "#话题#" the second sign ends it.
        if after and start == at and piece.kind == after.kind == "hashtag":
            continue
        yield start, piece
        at, after = start + len(piece.text), piece


def _hashtag_at(text: str, place: int, _begin: int) -> tuple[int, TextPiece] | None:
    name = tags.name_at(text, place)
    return (place, TextPiece("hashtag", text[place] + name, name)) if name else None


def _mention_at(text: str, place: int, _begin: int) -> tuple[int, TextPiece] | None:
    found = _MENTION.match(text, place)
    if not found or tags.is_inside_word(text, place, _INSIDE_MENTION):
        return None
    # An address of mail may have any letters before the "@".
    if tags.is_inside_word(text, place, _WORD) and web_addresses.is_mail_host(text, place + 1):
        return None
    return place, TextPiece("mention", found[0], unicodedata.normalize("NFKC", found[1]))


def _link_at_scheme(text: str, place: int, begin: int) -> tuple[int, TextPiece] | None:
    return _link(text, web_addresses.at_scheme(text, place, begin))


def _link_at_dot(text: str, place: int, begin: int) -> tuple[int, TextPiece] | None:
    return _link(text, web_addresses.at_dot(text, place, begin))


def _link(text: str, found: web_addresses.WebAddress | None) -> tuple[int, TextPiece] | None:
    if found is None:
        return None
    return found.start, TextPiece("link", text[found.start : found.end], found.url)


_FINDERS = {
    **dict.fromkeys(tags.SIGNS, _hashtag_at),
    **dict.fromkeys(MENTION_SIGNS, _mention_at),
    ":": _link_at_scheme,
    ".": _link_at_dot,
}


def links(text: str) -> list[str]:
    """Return the web addresses in `text`, in order."""
    return [piece.value for piece in pieces(text) if piece.kind == "link"]


def mentions(text: str) -> set[str]:
    """Return the handles named in `text`, lower case."""
    return {piece.value.lower() for piece in pieces(text) if piece.kind == "mention"}


def hashtags(text: str) -> dict[str, str]:
    """Return the hashtags in `text`: folded, as they are compared, to how each was typed first."""
    found: dict[str, str] = {}
    for piece in pieces(text):
        if piece.kind == "hashtag":
            found.setdefault(fold_tag(piece.value), piece.value[:NAME_CHARS])
    return found


def render(text: str, meant: Container[str], hidden_link: str = "") -> SafeString:
    """Return `text` as HTML.

    `meant` are the handles, in small letters, that lead to somebody; all other "@names" are words:
    see `posts.services.mentions`. A `hidden_link` at the very end is left out, because its card
    stands below.
    """
    parts = list(pieces(text))
    if hidden_link and parts and parts[-1] == TextPiece("link", parts[-1].text, hidden_link):
        del parts[-1]
        if parts and parts[-1].kind == "words":
            parts[-1] = TextPiece("words", parts[-1].text.rstrip(), "")
    # Each piece is escaped there.
    return mark_safe("".join(_html_of(piece, meant) for piece in parts))


def _html_of(piece: TextPiece, meant: Container[str]) -> str:
    means_nobody = piece.kind == "mention" and piece.value.lower() not in meant
    if piece.kind == "words" or means_nobody:
        return escape(piece.text)
    if piece.kind == "mention":
        url = address("accounts:profile", piece.value)
        return format_html('<a class="link" href="{}">{}</a>', url, piece.text)
    if piece.kind == "hashtag":
        url = address("posts:tag", piece.value)
        return format_html('<a class="link" href="{}">{}</a>', url, piece.text)
    shown = _shown(piece.value)
    if is_ours(piece.value):
        return format_html('<a class="link" href="{}">{}</a>', piece.value, shown)
    # noopener noreferrer: a foreign page learns neither our window nor which post led to it.
    return format_html(
        '<a class="link" href="{}" rel="nofollow noopener noreferrer ugc" target="_blank">{}</a>',
        piece.value,
        shown,
    )


def _shown(url: str) -> str:
    """Return what is read of a link; where it leads, which is the end of the host, is never cut."""
    shown = _NOT_SHOWN.sub("", url, count=1)
    if len(shown) <= _SHOWN_LINK_CHARS:
        return shown
    host_chars = len(re.split("[/?#]", shown, maxsplit=1)[0])
    if host_chars < _SHOWN_LINK_CHARS:
        return f"{shown[: _SHOWN_LINK_CHARS - 1]}…"
    return f"…{shown[max(0, host_chars + 1 - _SHOWN_LINK_CHARS) : host_chars]}"
