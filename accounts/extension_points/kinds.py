"""What a kind of thing must provide.

A thing is what a notification, report or decision is about, and what a link card shows: a person,
a post, a Space. Rows name it by the name of its kind and its id (`target_kind`, `target_id`). Each
app declares its kinds in `<app>/kinds.py`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.db.models.fields.files import FieldFile

from accounts.extension_points.data_export import Export
from accounts.models import Decision, Delivery, User


@dataclass(frozen=True)
class Description:
    """Where a thing is and a line about it, for the viewer it was made for."""

    url: str
    text: str


@dataclass(frozen=True)
class Evidence:
    """What a thing was when it was reported: facts as plain JSON, and pictures that are copied."""

    facts: Mapping[str, object]
    files: tuple[FieldFile, ...]


NO_EVIDENCE = Evidence({}, ())  # Of a thing that went before it was looked at.


@dataclass(frozen=True)
class Moderation:
    """What staff see of a reported thing and can do about it.

    `owner`: whom a decision concerns; None if the thing is gone.
    `actions`: what staff can do besides suspending the owner, the mildest first. An action takes
    the id and the member of staff, and raises LookupError if the thing is gone.
    """

    owner: Callable[[int], User | None]
    evidence: Callable[[int], Evidence]
    actions: Mapping[Decision.Action, Callable[[int, User], None]]


@dataclass(frozen=True)
class NotificationText:
    """A notification as a browser shows it.

    `url` is a path of this site; what has the same `tag` replaces the older one.
    """

    title: str
    body: str
    url: str
    tag: str


@dataclass(frozen=True)
class LinkCard:
    """What is drawn under a post or message: a template of the app that owns the address.

    The template is included with `context` and the request; it must not query.
    """

    template: str
    context: Mapping[str, object]


@dataclass(frozen=True)
class LinkCards:
    """Which addresses of this site have a card, and how it is made.

    `pattern` matches the whole path; its group 1 is the key. `resolve` takes the keys of a whole
    page and returns a card for each thing that the viewer may see.
    """

    pattern: re.Pattern[str]
    resolve: Callable[[list[str], User | None], dict[str, LinkCard]]


@dataclass(frozen=True)
class ThingKind:
    """One kind of thing; no field has a default, and None says "not this kind".

    `name` stands in rows, so it never changes.
    `describe` is called once a page with all ids, and leaves out what is gone or hidden from the
    viewer. None: no notification and no report is ever about it.
    `moderation` None: it cannot be reported.
    `compose` writes a push notification about it in the active language, and returns None if it
    is no news any more (read, taken back, hidden). None: what `describe` says will do.
    `export` None: a copy of a user's data has it in the folder of another kind, or not at all.
    `link_cards` None: its address stays a plain link.
    """

    name: str
    describe: Callable[[set[int], User], dict[int, Description]] | None
    moderation: Moderation | None
    compose: Callable[[Delivery], NotificationText | None] | None
    export: Export | None
    link_cards: LinkCards | None

    def __post_init__(self) -> None:
        # `reports.describe` and `NotificationEvent` ask for it before they write anything.
        if self.describe is None and (self.moderation or self.compose):
            raise ImproperlyConfigured(f"{self.name}: what is reported or told needs `describe`.")
