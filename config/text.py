"""What may stand in text that people write: every field of theirs goes through `line` or `lines`.

Nothing here asks which characters this Python's Unicode knows, so an emoji of next year is kept.
Text is measured in code points, in the browser too.
"""

import re
import unicodedata

# UAX #14 BK, CR, LF and NL, and the information separators that `str.splitlines` breaks at.
_LINE_END = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")
# Embeddings, overrides and isolates would turn the page around them, and without their ends there
# is no telling how far; the marks U+200E, U+200F and U+061C act on their neighbours only and stay.
_BIDI = "\u202a-\u202e\u2066-\u2069\u206a-\u206f"
# Surrogates have no UTF-8. XML 1.0 has no U+FFFE and U+FFFF; the other noncharacters are "not for
# interchange" (Unicode 23.7). A byte order mark inside a text and interlinear anchors are no text.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
_NO_TEXT = re.compile(f"[{_BIDI}\ufeff\ufff9-\ufffb\ud800-\udfff{_NONCHARACTERS}]")
_BLANKS = re.compile(r"\s{2,}")
# Default_Ignorable_Code_Point of Unicode 17 (DerivedCoreProperties.txt; its ranges hold the code
# points that are not assigned yet, too), and the empty pattern of Braille.
_INVISIBLE = re.compile(
    "[\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\u2800]*"
)


def line(text: str) -> str:
    """Return `text` on one line, with single blanks and none at its ends.

    Empty if nothing of it can be seen. Joiners, variation selectors, tag characters, marks and
    private characters are kept as they are.
    """
    return _seen(_BLANKS.sub(" ", lines(text).replace("\n", " ")))


def lines(text: str) -> str:
    r"""Return `text` with "\n" for every kind of line end and no blanks at its ends.

    Otherwise as `line`, but the blanks inside it stay as many as they were.
    """
    return _seen(_NO_TEXT.sub("", _CONTROL.sub(" ", _LINE_END.sub("\n", text))))


def is_invisible(text: str) -> bool:
    """True if nothing of `text` can be seen: it is blanks, joiners, fillers and the like."""
    return _INVISIBLE.fullmatch(text) is not None


def _seen(text: str) -> str:
    text = text.strip()
    return "" if is_invisible(text) else text


def casefolded(text: str) -> str:
    """Return `text` as words are compared: no case, one form of each letter.

    Folded again, it stays as it is. Source: Unicode 3.13, toNFKC_Casefold, but keeping what
    nobody sees.
    """
    # Twice: casefold makes letters that NFKC composes anew.
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


# Blocks of scripts written from right to left, assigned or not (DerivedBidiClass.txt).
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def isolated(text: str) -> str:
    """Return what people wrote as it can stand in a sentence of ours without turning it around.

    With letters of a script from right to left it stands between isolates (UAX #9 2.4.2), which
    work in pages, attributes, mails and notices alike.
    """
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text
