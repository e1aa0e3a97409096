"""The reactions that a room knows. The page draws them from here, in this order."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# Each with what it means: signs alone are named differently by every screen reader.
REACTIONS = {
    "💯": _("hundred"),
    "✋": _("raised hand"),
    "✊": _("fist"),
    "✌️": _("peace"),
    "👋": _("wave"),
    "❤️": _("heart"),
    "😂": _("laughing"),
    "😮": _("surprised"),
    "👏": _("applause"),
}


def named_reactions() -> list[tuple[str, str]]:
    """Return each emoji and its name in the language of now."""
    return [(emoji, gettext(name)) for emoji, name in REACTIONS.items()]
