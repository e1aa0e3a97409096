"""Answer a Fleet with a direct message that shows the Fleet as its card (RULES §2)."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.extension_points.kinds import LinkCard
from accounts.models import User
from config.text import lines
from posts.models import Fleet
from posts.models.conversation import Message
from posts.services import messaging

REACTIONS = ("👋", "❤️", "😂", "😮", "👏", "💯", "✊")
REPLY_CHARS = 500  # The message holds the address of the Fleet besides.
PATTERN = re.compile(r"/fleets/(\d{1,18})/")
CARD = "posts/_fleet_card.html"


def may_reply(viewer: User | None, author: User) -> bool:
    """True if the author's messages are open to the viewer."""
    return viewer is not None and messaging.may_write(viewer, author)


def reply(viewer: User, fleet: Fleet, words: str, url: str) -> Message:
    """Send `words` to the author; `url`, the Fleet's whole address, becomes a card under them.

    Raises PermissionError if the author takes no messages from the viewer, ValidationError for no
    or too many words.
    """
    # Stricter than `send`, which lets an accepted conversation go on whatever its setting is now.
    if not may_reply(viewer, fleet.author):
        raise PermissionError("This person does not take messages from you.")
    text = lines(words)
    if not text:
        raise ValidationError(_("Write something first."), code="empty")
    if len(text) > REPLY_CHARS:
        message = _("A reply has at most %(max)d characters.") % {"max": REPLY_CHARS}
        raise ValidationError(message, code="too_long")
    return messaging.send(viewer, fleet.author, f"{text}\n{url}")


def cards_of(keys: list[str], viewer: User | None) -> dict[str, LinkCard]:
    """Return a link card for each Fleet; that of a hidden one says only that it is not there."""
    ids = {key: int(key) for key in keys}
    known = Fleet.objects.visible_to(viewer).select_related("author").in_bulk(ids.values())
    return {key: LinkCard(CARD, {"fleet": known.get(pk)}) for key, pk in ids.items()}
