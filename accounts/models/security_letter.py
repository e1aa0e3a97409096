"""A letter about a change of how an account is opened, until it is mailed."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SecurityLetter(models.Model):
    """One a change and address. The address is kept, since the change may have taken it away.

    `detail` is what the sentence names: an address, a handle, nothing. Never a secret.
    """

    class Kind(models.TextChoices):
        PASSWORD = "password", _("Your password was changed")
        HANDLE = "handle", _("Your handle was changed")
        ADDRESS_ADDED = "address_added", _("An e-mail address was added")
        ADDRESS_REMOVED = "address_removed", _("An e-mail address was removed")
        ADDRESS_CHANGED = "address_changed", _("Your e-mail address was changed")
        APP_ADDED = "app_added", _("An authenticator app was added")
        APP_REMOVED = "app_removed", _("An authenticator app was removed")
        PASSKEY_ADDED = "passkey_added", _("A passkey was added")
        PASSKEY_REMOVED = "passkey_removed", _("A passkey was removed")
        RECOVERY_CODES = "recovery_codes", _("You have new recovery codes")
        TOKEN = "token", _("A program has logged in")
        COPY = "copy", _("A copy of your data was asked for")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="security_letters"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    detail = models.CharField(max_length=254, blank=True)
    address = models.EmailField(max_length=254)
    # Of the browser that made the change, if one did.
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["happened_at"], name="accounts_security_letters_at")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"
