"""Text as it is searched: one form of each letter, cut into what an index holds.

Case, accents, points of Arabic and Hebrew, and widths are forms of a letter. Marks that are letters
are not: vowels of Thai and the scripts of India, voiced kana, й and ї. Scripts without blanks
between words come as runs, of which an index holds each pair of neighbours.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import groupby
from typing import NamedTuple

from config.text import casefolded

WORD_CHARS = 64  # Of a longer word the beginning counts. PostgreSQL takes 2046 bytes.

# Scripts that put no blanks between words: UAX #14 class SA, kana and Han. Ranges and no names of
# scripts, so that letters which this Python does not know yet are among them.
UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0ece\u0ed0-\u0edf"  # Thai, Lao
    "\u1000-\u1049\u1050-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17d3\u17d7\u17dc\u17dd\u17e0-\u17e9"  # Khmer
    "\u1950-\u1974\u1980-\u19c9\u1a20-\u1a7f\uaa80-\uaadf"  # Tai Le to Tai Viet
    "\u1b00-\u1b4c\ua980-\ua9c0"  # Balinese, Javanese
    "\u3005-\u3007\u3021-\u302d\u3031-\u3035\u303b\u303c"  # signs that stand for a Han letter
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\U0001aff0-\U0001b16f"  # kana
    "\u3105-\u312f\u31a0-\u31bf\ua000-\ua48c"  # Bopomofo, Yi
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # Han
)
# Korean has blanks, but its words end in particles and are written together as one likes.
_RUN = UNSPACED + "\u1100-\u115e\u1161-\u11ff\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb"

# Default ignorable (UAX #44) without the blank of no width, which parts words; and the line that
# makes an Arabic word longer.
_IGNORED = re.compile(
    "[\u00ad\u034f\u0640\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
# In scripts without blanks it only says where a line may end; many do not write it.
_SILENT_BLANK = re.compile(f"(?<=[{_RUN}])\u200b+(?=[{_RUN}])")
# Marks of no script of their own, the points of Hebrew, Arabic and Syriac. A hamza stays: it makes
# another letter, but on alef.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u0653\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8"
    "\u06ea-\u06ed\u0711\u0730-\u074a\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff]"
)
_HAMZA_ON_ALEF = re.compile("(?<=\u0627)[\u0654\u0655]+")
# Taken apart, й and ї would lose what makes them letters.
_NO_CYRILLIC = re.compile("[^\x00-\x7f\u0400-\u0482\u048a-\u052f]+")
_LETTERS = str.maketrans(
    {
        **{"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "ð": "d", "þ": "th"},
        **{"æ": "ae", "œ": "oe"},
        **{"ё": "е", "ѐ": "е", "ѝ": "и"},  # Cyrillic
        # As keyboards of Arabic, Persian and Urdu differ, and as Lucene folds Arabic.
        **{"\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643"},
        **{"\u0629": "\u0647"},
    }
)
_ASCII_WORD = re.compile("[a-z0-9]+")
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


class Pieces(NamedTuple):
    """What `text` consists of, folded: its words, and its runs of scripts without blanks."""

    words: list[str]
    runs: list[str]


def fold(text: str) -> str:
    """Return `text` with one form of each letter. Folded again, it stays as it is."""
    if text.isascii():
        return text.lower()
    folded = casefolded(text)
    if "\u200b" in folded:
        folded = _SILENT_BLANK.sub("", folded)
    folded = _IGNORED.sub("", folded)
    folded = _NO_CYRILLIC.sub(_without_accents, folded).translate(_LETTERS)
    folded = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), folded)
    return unicodedata.normalize("NFC", folded)


def _without_accents(found: re.Match[str]) -> str:
    return _HAMZA_ON_ALEF.sub("", _ACCENTS.sub("", unicodedata.normalize("NFD", found[0])))


def pieces(text: str) -> Pieces:
    """Return the words and the runs of `text`, each in their order."""
    folded = fold(text)
    if folded.isascii():
        return Pieces([word[:WORD_CHARS] for word in _ASCII_WORD.findall(folded)], [])
    found = _piece().findall(folded)
    return Pieces(
        [word[:WORD_CHARS] for word, _ in found if word], [run for _, run in found if run]
    )


def pairs(run: str) -> list[str]:
    """Return each two neighbours of a run, and its last letter alone.

    So every letter begins one of them, and a search for one letter is one for a beginning.
    """
    return [run[place : place + 2] for place in range(len(run))]


@cache
def _piece() -> re.Pattern[str]:
    """Made when it is first needed: which characters are marks, `re` does not know."""
    is_run = re.compile(f"[{_RUN}]").match
    known = (
        code
        for code in range(0x20000)  # What lies above is Han, or no text.
        if unicodedata.category(chr(code))[0] in "LMN" and not is_run(chr(code))
    )
    ranges = ""
    # Codes that follow each other have the same distance to their place in the list.
    for _, group in groupby(enumerate(known), lambda pair: pair[1] - pair[0]):
        codes = [code for _, code in group]
        ranges += f"{chr(codes[0])}-{chr(codes[-1])}"
    return re.compile(f"([{ranges}]+)|([{_RUN}]+)")


def place(text: str, words: Iterable[str]) -> int:
    """Return where in `text` the first of `words` stands, in any form; 0 if none does."""
    folded, origins = "", []
    for origin, char in enumerate(text):
        part = _fold_char(char)
        folded += part
        origins += [origin] * len(part)
    found = (folded.find(fold(word)) for word in words)
    first = min((at for at in found if at >= 0), default=0)
    return origins[first] if origins else 0


_fold_char = lru_cache(maxsize=4096)(fold)
