"""The user: login, handle and profile in one row, because every page shows them together."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config.db import columns
from config.db.text_fields import LineField, LinesField
from config.rendering.fast_reverse import address

HANDLE = RegexValidator(r"^[A-Za-z0-9_]{2,30}\Z", _("Use 2 to 30 letters, digits and _."))

# What others see of a user, or what decides whether they see them and what the user may do to them.
SHOWN_FIELDS = frozenset(
    {
        *("handle", "display_name", "avatar", "drawn_portrait"),
        *("is_active", "is_protected", "is_staff"),
    }
)
# Of an UPDATE, for which Django has no signal: `ids` of users whose `SHOWN_FIELDS` it wrote.
shown_fields_updated = Signal()


class UserQuerySet(models.QuerySet["User"]):
    def update(self, **values: Any) -> int:  # Any: as of Django.
        """Tell also of what is written without `save()`: `accounts.account_changes` hears both."""
        if SHOWN_FIELDS.isdisjoint(values):
            return super().update(**values)
        # Before: afterwards the rows may not be found by the same filter.
        ids = list(self.values_list("pk", flat=True))
        updated = super().update(**values)
        shown_fields_updated.send(User, ids=ids)
        return updated

    def by_handle(self, handle: str) -> Self:
        return self.filter(handle__iexact=handle)

    def named(self, handles: Iterable[str]) -> Self:
        """Return the active people with these handles, in any case."""
        lower = {handle.lower() for handle in handles}
        return self.annotate(lower_handle=Lower("handle")).filter(
            lower_handle__in=lower, is_active=True
        )

    def visible_to(self, viewer: "User | None") -> Self:
        """Leave out inactive users, and those on either side of a block with the viewer.

        RULES §1.
        """
        people = self.filter(is_active=True)
        if viewer is None or not viewer.pk:
            return people
        return people.exclude(blocks_made__blocked=viewer).exclude(blocks_received__blocker=viewer)


class UserManagerFromQuerySet(
    # Django makes the base at run time.
    BaseUserManager["User"].from_queryset(UserQuerySet)  # type: ignore[misc]
):
    """`User.objects`: the custom query set, and login by handle in any case."""

    use_in_migrations = True

    def create_user(
        self, handle: str, email: str, password: str | None = None, **fields: object
    ) -> "User":
        """Make a user. Without a password they cannot log in with one.

        The e-mail address counts as unverified.
        """
        person = User(handle=handle, email=self.normalize_email(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(
        self, handle: str, email: str, password: str | None = None, **fields: object
    ) -> "User":
        return self.create_user(
            handle, email, password, **{**fields, "is_staff": True, "is_superuser": True}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        user: User = self.get(handle__iexact=username)
        return user


class User(AbstractUser):
    """An account of this site.

    `is_active=False` means suspended or being deleted: no login, no socket, no media.
    """

    class DirectMessages(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        FOLLOWED = "followed", _("People I follow")
        NOBODY = "nobody", _("Nobody")

    # None is Django's way to leave out a field of the base.
    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    handle = models.CharField(
        _("handle"), max_length=30, unique=True, validators=[HANDLE, MinLengthValidator(2)]
    )
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = LineField(_("name"), max_length=columns.NAME_CHARS, blank=True)
    bio = LinesField(_("bio"), max_length=columns.PARAGRAPH_CHARS, blank=True)
    avatar = models.ImageField(_("picture"), upload_to="avatars/", blank=True)
    header = models.ImageField(_("header"), upload_to="headers/", blank=True)
    drawn_portrait = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text=_("Static path of a portrait that ships with the demo."),
    )
    # "": what the browser asks for.
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_protected = models.BooleanField(_("protected"), default=False)
    direct_messages_from = models.CharField(
        max_length=8, choices=DirectMessages, default=DirectMessages.EVERYONE
    )

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects: ClassVar[UserManagerFromQuerySet] = UserManagerFromQuerySet()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("handle"),
                name="accounts_user_handle_once",
                violation_error_message=_("This handle is taken."),
            )
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def name(self) -> str:
        """Return the name people see: the display name, or the handle without one."""
        return self.display_name or self.handle

    @property
    def avatar_url(self) -> str:
        """Return the address of the picture, or of a drawn face without one."""
        if self.avatar:
            return self.avatar.url
        return static(self.drawn_portrait or "img/no-portrait.svg")

    def get_absolute_url(self) -> str:
        return address("accounts:profile", self.handle)
