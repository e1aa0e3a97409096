"""Words, phrases and hashtags that a user does not want to read.

Timelines, alerts and search all ask `mutes`. A word hides what has it as a word: "cat" hides "Cat!"
and "#cat" and not "category". In scripts that write without blanks (Chinese, Japanese, Thai …)
there are no edges to see, so there it hides wherever it stands.
"""

import functools
import re
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import MutedWord, User
from accounts.models.muted_word import FOLDED_CHARS
from config import hashtags
from config.db import prepared
from config.db.folding import UNSPACED
from config.limits import LIMITS
from config.text import casefolded, line

Predicate = Callable[[str], bool]

TIMES_S: dict[str, int | None] = {
    "forever": None,
    "day": 86400,
    "week": 7 * 86400,
    "month": 30 * 86400,
}
NEVER = r"(?!)"  # A pattern that nothing has.
CACHE_S = 60  # A word whose time is over may hide this much longer.
_UNSPACED = re.compile(f"[{UNSPACED}]")


def fold(text: str) -> str:
    """Return `text` as words are compared: no case, one form of each letter, single blanks."""
    # An emoji is the same with and without its style and its joiners.
    plain = casefolded(text).replace("\ufe0f", "").replace("\u200d", "")
    return " ".join(plain.split())


def mutes(viewer: User | None) -> Predicate:
    """Return a function that tells whether a text has one of the viewer's words in it."""
    if viewer is None or not viewer.pk:
        return _nothing
    words: list[str] | None = cache.get(_key(viewer.pk))
    if words is None:
        words = prepared.fetch(_words_of, viewer)
        cache.set(_key(viewer.pk), words, CACHE_S)
    return _predicate(frozenset(words))


def _words_of(viewer: User) -> QuerySet[MutedWord, str]:
    return MutedWord.objects.in_force().filter(owner=viewer).values_list("folded", flat=True)


def muters_of(text: str, ids: Iterable[int]) -> set[int]:
    """Return those of `ids` who muted a word of `text`; one query, however many they are."""
    rows = MutedWord.objects.in_force().filter(owner__in=ids)
    words: dict[int, set[str]] = {}
    for owner, word in rows.values_list("owner_id", "folded"):
        words.setdefault(owner, set()).add(word)
    return {owner for owner, theirs in words.items() if _predicate(frozenset(theirs))(text)}


def _key(pk: int) -> str:
    return f"accounts:muted_words:{pk}"


def _nothing(text: str) -> bool:
    return False


@functools.lru_cache(maxsize=512)
def _predicate(words: frozenset[str]) -> Predicate:
    """Make one pattern of all words, once for each set; 200 words cost a post some microseconds."""
    if not words:
        return _nothing
    # A muted tag is compared as tags are: "#river" is not in "#riverside" nor in "a#river".
    tags = frozenset(hashtags.fold_tag(word[1:]) for word in words if _is_tag(word))
    patterns: list[str] = []
    for word in words:
        if _is_tag(word):
            continue
        start = r"(?<!\w)" if _has_edge(word[0]) else ""
        end = r"(?!\w)" if _has_edge(word[-1]) else ""
        patterns.append(f"{start}{re.escape(word)}{end}")
    pattern = re.compile("|".join(patterns) or NEVER)

    def hides(text: str) -> bool:
        if tags and not tags.isdisjoint(map(hashtags.fold_tag, hashtags.names(text))):
            return True
        return pattern.search(fold(text)) is not None

    return hides


def _is_tag(word: str) -> bool:
    return word[0] == "#" and hashtags.name_at(word, 0) == word[1:] != ""


def _has_edge(char: str) -> bool:
    """True if a word that begins or ends with `char` must not go on beyond it."""
    return re.match(r"\w", char) is not None and _UNSPACED.match(char) is None


@transaction.atomic
def add(owner: User, word: str, lasts: str = "forever") -> MutedWord:
    """Mute `word` for a time of TIMES_S; one that is muted already gets the new time.

    Raises ValidationError with code "empty", "too_long", "too_many" or "bad_time".
    """
    shown = line(word)
    folded = fold(shown)
    if not folded.strip("#"):
        raise ValidationError(_("Write a word, a phrase or a hashtag."), code="empty")
    if len(shown) > LIMITS.muted_word_chars:
        message = _("A muted word has at most %(max)d characters.")
        raise ValidationError(message % {"max": LIMITS.muted_word_chars}, code="too_long")
    if len(folded) > FOLDED_CHARS:
        message = _("This is too long to be muted. Choose a part of it.")
        raise ValidationError(message, code="too_long")
    if lasts not in TIMES_S:
        raise ValidationError(_("Choose one of the times."), code="bad_time")
    others = MutedWord.objects.in_force().filter(owner=owner).exclude(folded=folded)
    if others.count() >= LIMITS.muted_words:
        message = _("You have %(max)d muted words. Take one away first.")
        raise ValidationError(message % {"max": LIMITS.muted_words}, code="too_many")
    duration_s = TIMES_S[lasts]
    until = timezone.now() + timedelta(seconds=duration_s) if duration_s else None
    muted, _created = MutedWord.objects.update_or_create(
        owner=owner, folded=folded, defaults={"word": shown, "until": until}
    )
    _forget(owner)
    return muted


def remove(owner: User, pk: int) -> None:
    """Take a word away; nothing happens if it is another user's or gone."""
    MutedWord.objects.filter(owner=owner, pk=pk).delete()
    _forget(owner)


def _forget(owner: User) -> None:
    # On commit: before it, another request would cache the old words again.
    transaction.on_commit(lambda: cache.delete(_key(owner.pk)))


def sweep() -> int:
    """Delete words whose time is over."""
    deleted, _rows = MutedWord.objects.filter(until__lte=timezone.now()).delete()
    return deleted
