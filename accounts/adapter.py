"""What Parley wants differently from allauth: which handles nobody may take, and where a log-in leads."""

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Names that would pass for the house itself. Handles have no place in addresses without "@", so routes need no guard.
RESERVED = frozenset(
    {"admin", "administrator", "moderator", "moderators", "staff", "support", "help", "parley", "root", "system"}
    | {"security", "abuse", "postmaster", "webmaster", "info", "official", "everyone", "here"}
)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types.
    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Return the handle as typed, without a leading "@". Raises ValidationError if it is reserved, bad or taken."""
        handle = username.removeprefix("@")
        if handle.lower() in RESERVED:
            raise ValidationError(_("This handle is taken."), code="reserved")
        cleaned: str = super().clean_username(handle, shallow=shallow)
        return cleaned
