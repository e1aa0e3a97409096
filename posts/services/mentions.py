"""Whom the "@names" in texts mean: who had the handle when the text was written.

Whoever took it later is a stranger to what stands there, and a name that nobody had is a word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.services import held_handles
from posts import text as texts
from posts.models import Post


@dataclass(frozen=True)
class Meant:
    """The handles in some texts that are somebody's now, in small letters.

    `held_since`: since when, in seconds of the epoch.
    """

    held_since: Mapping[str, float]

    def at(self, written_at: datetime) -> frozenset[str]:
        """Return those that a text of this time means."""
        moment = written_at.timestamp()
        return frozenset(handle for handle, since in self.held_since.items() if since <= moment)


def meant_in(written: Iterable[str]) -> Meant:
    """Return whom the texts of a page may mean; one query at most for all of them."""
    handles = {handle for text in written for handle in texts.mentions(text)}
    return Meant(held_handles.held_since(handles) if handles else {})


def names(post: Post, user: User) -> bool:
    """True if the text of the post means `user`. No query."""
    is_written = user.handle.lower() in texts.mentions(post.text)
    return is_written and user.held_since <= post.words_since


def named_now(text: str) -> set[int]:
    """Return the ids of the users whom `text` means if it is written now."""
    handles = texts.mentions(text)
    if not handles:
        return set()
    return set(User.objects.named(handles).values_list("pk", flat=True))
