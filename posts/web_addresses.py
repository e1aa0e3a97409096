"""Web addresses in what people write: where one begins and ends, and where it leads."""

import re
from dataclasses import dataclass

import regex

from posts import host_names

_LABEL = r"[\p{L}\p{M}\p{Nd}-]++"
_NAME = regex.compile(rf"{_LABEL}(?:\.{_LABEL})++")
_ASCII_NAME = regex.compile(r"[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++")
_LABEL_BEFORE = regex.compile(r"(?r)[\p{L}\p{M}\p{Nd}-]++")
_ASCII_BEFORE = regex.compile(r"(?r)[A-Za-z0-9-]++")
_LETTER = regex.compile(r"[\p{L}\p{M}\p{Nd}]")
# These scripts put no blank before or behind an address.
_UNSPACED = (
    r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}"
    r"\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}ー]"
)
_UNSPACED_LETTER = regex.compile(_UNSPACED)
_TOP_AND_MORE = regex.compile(rf"([A-Za-z]{{2,}}+)(?={_UNSPACED})")
# Parts of an e-mail address, a path, a file's name, an expression.
_NO_NAME_AFTER = frozenset("@＠﹫/\\._#＃&~+=%")
_NO_NAME_BEFORE = frozenset("@＠﹫_(=")

_SCHEME = re.compile(r"https?\Z", re.IGNORECASE)
_NO_SCHEME_AFTER = regex.compile(r"[\p{LC}\p{Nd}_+-]")
# A user part is never taken for a host; browsers read "%" and "@" as parts of what is before them.
_AUTHORITY = regex.compile(
    r"(?:[A-Za-z0-9._~%!$&*+=:-]*+@)*+"
    r"([\p{L}\p{M}\p{Nd}_-]++(?:\.[\p{L}\p{M}\p{Nd}_-]++)*+|\[[0-9A-Fa-f:.]++\])"
)
_PORT = re.compile(r":[0-9]{1,5}(?![0-9])")
# What RFC 3986 lets stand, and letters; the punctuation of any other script ends an address, but
# inside a word: the titles of an encyclopedia have such. Closing brackets are counted.
_TAIL = regex.compile(
    r"(?V1)(?:[A-Za-z0-9\-._~:/?\#\[@!$\&'(*+,;=%]"
    r"|[[\p{L}\p{M}\p{N}]--[\p{L}&&\p{DI}]]"
    r"|[\u200c\u200d·・〜–‐‑](?=[\p{L}\p{N}]))*+"
)
_CLOSING = {")": "(", "]": "["}


@dataclass(frozen=True)
class WebAddress:
    """A stretch of a text that is a link.

    `url` has no user part, and the host as it may be shown (`host_names.shown`).
    """

    start: int
    end: int
    url: str


def at_scheme(text: str, place: int, begin: int) -> WebAddress | None:
    """Return the address whose "://" is at `place`; nothing before `begin` belongs to it."""
    scheme = _SCHEME.search(text, max(begin, place - 5), place)
    if not scheme or (scheme.start() and _NO_SCHEME_AFTER.match(text[scheme.start() - 1])):
        return None
    found = _AUTHORITY.match(text, place + 3)
    if not found:
        return None
    host = _without_words(found[1])
    host_end = found.start(1) + len(host)
    if text[host_end : host_end + 1] in {"%", "@"} or not _LETTER.search(host):
        return None
    return _address(text, scheme.start(), host, host_end, text[scheme.start() : place + 3])


def at_dot(text: str, place: int, begin: int) -> WebAddress | None:
    """Return the address without scheme that has its first dot at `place`.

    It begins with "www." or is plainly a host's; nothing before `begin` belongs to it.
    """
    start, name = _name_at(text, place, begin)
    end = start + len(name)
    before, after = text[start - 1 : start], text[end : end + 1]
    if not name or before in _NO_NAME_AFTER or after in _NO_NAME_BEFORE:
        return None
    labels = name.split(".")
    if any(label.startswith("-") or label.endswith("-") for label in labels):
        return None
    has_path = after == "/" and _LETTER.match(text, end + 1) is not None
    is_www = labels[0].lower() == "www" and len(labels) > 2
    if not is_www and not host_names.is_plain(name, has_path=has_path):
        return None
    return _address(text, start, name, end, "http://")


def is_mail_host(text: str, place: int) -> bool:
    """True if what begins at `place`, after an "@", is plainly a host."""
    name = _ASCII_NAME.match(text, place)
    return name is not None and host_names.is_plain(name[0], has_path=True)


def _name_at(text: str, dot: int, begin: int) -> tuple[int, str]:
    """Return the dotted name around `dot` and where it begins; empty if there is none.

    Of "看example.org吧" and "bücher.example" the first has a name inside its letters.
    """
    before = _ASCII_BEFORE.match(text, begin, dot)
    name = _ASCII_NAME.match(text, before.start()) if before else None
    if name and _is_beside_name(text, name.start() - 1) and _is_beside_name(text, name.end()):
        return name.start(), name[0]
    before = _LABEL_BEFORE.match(text, begin, dot)
    name = _NAME.match(text, before.start()) if before else None
    if not name or _LETTER.match(text, max(name.start() - 1, 0), name.start()):
        return dot, ""
    return name.start(), _without_words(name[0])


def _is_beside_name(text: str, place: int) -> bool:
    char = text[place : place + 1] if place >= 0 else ""
    return not _LETTER.match(char) or _UNSPACED_LETTER.match(char) is not None


def _without_words(host: str) -> str:
    """Return `host` without the words that follow it without a blank: "example.orgを"."""
    kept, dot, last = host.rpartition(".")
    top = _TOP_AND_MORE.match(last)
    if dot and top and host_names.is_top(top[1].lower()):
        return f"{kept}.{top[1]}"
    return host


def _address(text: str, start: int, host: str, host_end: int, scheme: str) -> WebAddress | None:
    try:
        shown = host_names.shown(host)
    except ValueError:  # No browser would look it up.
        return None
    port = _PORT.match(text, host_end)
    end = _end_of_tail(text, port.end() if port else host_end)
    return WebAddress(start, end, f"{scheme}{shown}{text[host_end:end]}")


def _end_of_tail(text: str, start: int) -> int:
    """Return where path, query and fragment end that begin at `start`.

    The full stop of a sentence stays outside, and so does a bracket that was opened before.
    """
    if text[start : start + 1] not in {"/", "?", "#"}:
        return start
    opened = {"(": 0, "[": 0}
    end = start
    while True:
        begun, end = end, _TAIL.match(text, end).end()
        for bracket in opened:
            opened[bracket] += text.count(bracket, begun, end)
        closed = _CLOSING.get(text[end : end + 1], "")
        if not opened.get(closed):
            break
        opened[closed] -= 1
        end += 1
    return start + len(text[start:end].rstrip(".,:;!?'(["))
