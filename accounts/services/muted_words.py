"""Words, phrases and hashtags that somebody does not want to read. Timelines, alerts and search all
ask `mutes`.

A word hides what has it as a word: "cat" hides "Cat!" and "#cat" and not "category". In scripts
that write without blanks (Chinese, Japanese, Thai …) there are no edges to see, so there it hides
wherever it stands.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import MutedWord, User
from config.limits import LIMITS

Predicate = Callable[[str], bool]

TIMES_S: dict[str, int | None] = {
    "forever": None,
    "day": 86400,
    "week": 7 * 86400,
    "month": 30 * 86400,
}
CACHE_S = 60  # A word whose time is over may hide this much longer.
# Letters of scripts that put no blanks between words: Thai, Lao, Myanmar, Khmer; kana; Han; and
# half-width kana.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_JOINERS = "\u200c\u200d"  # They hold emoji together and are needed in Persian and Indic words.


def fold(text: str) -> str:
    """Return `text` as words are compared: no case, one form of each letter, no emoji styles,
    single blanks.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.replace("\ufe0f", "").replace("\u200d", "").split())


def mutes(viewer: User | None) -> Predicate:
    """Return what tells whether a text has one of the viewer's words in it; of visitors, nothing
    does.
    """
    return _predicate(frozenset(_words_of(viewer.pk))) if viewer and viewer.pk else _nothing


def muters_of(text: str, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` who do not want to read `text`, in one query; for telling many people
    of one thing.
    """
    words: dict[int, set[str]] = {}
    for owner, word in (
        MutedWord.objects.in_force().filter(owner__in=ids).values_list("owner_id", "folded")
    ):
        words.setdefault(owner, set()).add(word)
    return {owner for owner, theirs in words.items() if _predicate(frozenset(theirs))(text)}


def _words_of(pk: int) -> list[str]:
    found: list[str] | None = cache.get(_key(pk))
    if found is None:
        found = list(MutedWord.objects.in_force().filter(owner=pk).values_list("folded", flat=True))
        cache.set(_key(pk), found, CACHE_S)
    return found


def _key(pk: int) -> str:
    return f"accounts:muted_words:{pk}"


def _nothing(text: str) -> bool:
    return False


@functools.lru_cache(maxsize=512)
def _predicate(words: frozenset[str]) -> Predicate:
    """One pattern for all words, made once for each set of them; 200 words cost a post some
    microseconds.
    """
    if not words:
        return _nothing
    pattern = re.compile("|".join(_pattern(word) for word in sorted(words, key=len, reverse=True)))
    return lambda text: pattern.search(fold(text)) is not None


def _pattern(word: str) -> str:
    start, end = (
        "" if _has_no_edge(char) else edge
        for char, edge in ((word[0], r"(?<!\w)"), (word[-1], r"(?!\w)"))
    )
    return f"{start}{re.escape(word)}{end}"


def _has_no_edge(char: str) -> bool:
    return _UNSPACED.match(char) is not None or not re.match(r"\w", char)


@transaction.atomic
def add(owner: User, word: str, lasts: str = "forever") -> MutedWord:
    """Mute `word` for a time of TIMES_S; one that is muted already gets the new time.

    Raises ValidationError with code "empty", "too_long", "too_many" or "bad_time".
    """
    shown = " ".join(
        "".join(char if char.isprintable() or char in _JOINERS else " " for char in word).split()
    )
    folded = fold(shown)
    _check(owner, shown, folded, lasts)
    seconds = TIMES_S[lasts]
    until = timezone.now() + timedelta(seconds=seconds) if seconds else None
    muted, _created = MutedWord.objects.update_or_create(
        owner=owner, folded=folded, defaults={"word": shown, "until": until}
    )
    _forget(owner)
    return muted


def _check(owner: User, shown: str, folded: str, lasts: str) -> None:
    if not folded.strip("#"):
        raise ValidationError(_("Write a word, a phrase or a hashtag."), code="empty")
    if len(shown) > LIMITS.muted_word_chars:
        message = _("A muted word has at most %(max)d characters.") % {
            "max": LIMITS.muted_word_chars
        }
        raise ValidationError(message, code="too_long")
    if lasts not in TIMES_S:
        raise ValidationError(_("Choose one of the times."), code="bad_time")
    others = MutedWord.objects.in_force().filter(owner=owner).exclude(folded=folded)
    if others.count() >= LIMITS.muted_words:
        message = _("You have %(max)d muted words. Take one away first.") % {
            "max": LIMITS.muted_words
        }
        raise ValidationError(message, code="too_many")


def remove(owner: User, pk: int) -> None:
    """Take a word away; nothing happens if it is somebody else's or gone."""
    MutedWord.objects.filter(owner=owner, pk=pk).delete()
    _forget(owner)


def _forget(owner: User) -> None:
    transaction.on_commit(lambda: cache.delete(_key(owner.pk)))


def sweep() -> int:
    """Delete words whose time is over."""
    deleted, _rows = MutedWord.objects.filter(until__lte=timezone.now()).delete()
    return deleted
