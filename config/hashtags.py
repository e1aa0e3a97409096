"""What a hashtag is and when two are the same one: for posts, tag pages, trends and muted words.

A name is what UAX #31 takes for an identifier, and in its middle the signs that some scripts write
inside a word.
"""

import unicodedata
from collections.abc import Iterator

import regex

from config.text import casefolded

SIGNS = "#＃﹟"  # UAX #31 R8.
NAME_CHARS = 100  # What is longer is one tag with all that begins so.

# Letters, digits and "_", with the marks on them; numbers as "²" are no identifiers, but always
# were tags. A filler is a letter that nobody sees.
_WORD = r"[[\p{XID_Continue}\p{L}\p{M}\p{N}゛゜]--[[\p{L}&&\p{DI}]{middle}]]"
# UAX #31 tables 3a and 3b: joiners, the dots and dashes of katakana, Catalan, Hebrew and Tibetan.
_MIDDLE = r"\u200c\u200d·・･〜～゠־׳״་"
_NAME = regex.compile(
    # It does not begin with a mark, which belongs to the sign: "#" and U+20E3 are a key.
    r"(?V1)(?!\p{M})WORD++(?:[MIDDLE]WORD++)*+".replace(
        "WORD", _WORD.replace("{middle}", _MIDDLE)
    ).replace("MIDDLE", _MIDDLE)
)
_LETTER = regex.compile(r"(?V1)[[\p{L}\p{Nl}]--\p{DI}]")
# A sign inside a word of a script with capitals is none ("a#b"), nor one in an address or in
# "&#39;". Scripts that put no blanks between words have no other way.
_INSIDE = regex.compile(r"[\p{LC}\p{Nd}_#＃﹟&/]")
_MARK = regex.compile(r"\p{M}")
_SIGN = regex.compile(f"[{SIGNS}]")
_IGNORED = regex.compile(r"\p{DI}+|\s+")
# Forms that NFKC takes for other characters: a tilde, a blank with a mark.
_FORMS = str.maketrans({"～": "〜", "゛": "\u3099", "゜": "\u309a"})


def name_at(text: str, place: int) -> str:
    """Return the name of the hashtag whose sign is at `place`; empty if that is none."""
    if is_inside_word(text, place, _INSIDE):
        return ""
    found = _NAME.match(text, place + 1)
    # At least one letter, so that "#1" stays a number.
    return found[0] if found and _LETTER.search(found[0]) else ""


def is_inside_word(text: str, place: int, word: "regex.Pattern[str]") -> bool:
    """True if what stands before `place` is one of `word`; marks count to their letter."""
    before = place - 1
    while before >= 0 and _MARK.match(text[before]):
        before -= 1
    return before >= 0 and word.match(text[before]) is not None


def names(text: str) -> Iterator[str]:
    """Yield the names of hashtags in `text`, which has no links."""
    end = -1
    for sign in _SIGN.finditer(text):
        # "#one#two" is one tag, and in "#话题#" the second sign ends it.
        if sign.start() > end and (name := name_at(text, sign.start())):
            end = sign.end() + len(name)
            yield name


def fold_tag(name: str) -> str:
    """Return `name` as tags are compared: NFKC_Casefold of Unicode 3.13, so without joiners."""
    visible = _IGNORED.sub("", name.translate(_FORMS))
    # Some signs become a blank with a mark, which then belongs to the letter before.
    whole = "".join(unicodedata.normalize("NFKC", visible).split())
    return casefolded(whole)[:NAME_CHARS]
