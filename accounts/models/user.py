"""The user: login, handle and profile in one row, because every page shows them together."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.validators import MinLengthValidator, RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.templatetags.static import static
from django.utils import timezone
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
# `former`: handles that have just become nobody's, because their users were renamed.
handles_left = Signal()


def not_away(path: str = "") -> Q:
    """Return the condition that the user at `path` ("author", "repost_of__author") is not away.

    Away is who is suspended, who deleted the account and may still come back, and whom an operator
    deactivated. Nobody sees, finds, counts, names or tells them, and they can do nothing.
    `User.is_away` says the same of a row. No other module asks how it is stored; why somebody is
    away, and when that ends, is decided in `accounts.services.away`.
    """
    return Q(**{f"{path}__is_active" if path else "is_active": True})


class UserQuerySet(models.QuerySet["User"]):
    def update(self, **values: Any) -> int:  # Any: as of Django.
        """Tell also of what is written without `save()`: `accounts.account_changes` hears both."""
        if SHOWN_FIELDS.isdisjoint(values):
            return super().update(**values)
        if "handle" in values:
            return self._rename(values)
        # Before: afterwards the rows may not be found by the same filter.
        ids = list(self.values_list("pk", flat=True))
        updated = super().update(**values)
        shown_fields_updated.send(User, ids=ids)
        return updated

    @transaction.atomic
    def _rename(self, values: dict[str, Any]) -> int:  # Any: as of Django.
        before = dict(self.values_list("pk", "handle"))
        updated = super().update(**values)
        # Read again: the value may be an expression.
        now = dict(User.objects.filter(pk__in=before).values_list("pk", "handle"))
        renamed = {pk: old for pk, old in before.items() if old.lower() != now[pk].lower()}
        User.objects.filter(pk__in=renamed).update(handle_since=timezone.now())
        shown_fields_updated.send(User, ids=list(before))
        if renamed:
            handles_left.send(User, former=list(renamed.values()))
        return updated

    def by_handle(self, handle: str) -> Self:
        return self.filter(handle__iexact=handle)

    def not_away(self) -> Self:
        return self.filter(not_away())

    def named(self, handles: Iterable[str]) -> Self:
        """Return the people with these handles, in any case, who are not away."""
        lower = {handle.lower() for handle in handles}
        return self.annotate(lower_handle=Lower("handle")).filter(
            not_away(), lower_handle__in=lower
        )

    def visible_to(self, viewer: "User | None") -> Self:
        """Leave out who is away, and those on either side of a block with the viewer.

        RULES §1.
        """
        people = self.not_away()
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

    `is_active` is Django's and allauth's own word for "not away", and a column for the sake of
    indexes and joins; ask `is_away` and `not_away`. `is_staff` says to whom the powers of staff may
    be given, `acts_as_staff` that this request's log-in has them.
    """

    # No column: `accounts.services.staff_logins` decides it for each request. A row as it comes
    # from the database, for a task or a token, has no powers.
    acts_as_staff = False
    # What `visible_to` asks beside the key (config.db.prepared).
    QUERY_SHAPE: ClassVar[tuple[str, ...]] = ("acts_as_staff",)

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
    # Since when it is theirs: None for who has had it since they joined.
    handle_since = models.DateTimeField(null=True, editable=False)
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

    def save(self, **options: Any) -> None:  # Any: Django's own.
        """Tell of a rename, whoever makes it: a form, the admin, a shell."""
        fields = options.get("update_fields")
        if self.pk is None or (fields is not None and "handle" not in fields):
            super().save(**options)
            return
        with transaction.atomic():
            row = User.objects.filter(pk=self.pk).select_for_update()
            before = row.values_list("handle", flat=True).first()
            # In other capitals it is the same handle (`accounts_user_handle_once`).
            is_renamed = before is not None and before.lower() != self.handle.lower()
            if is_renamed:
                self.handle_since = timezone.now()
                options["update_fields"] = fields and {*fields, "handle_since"}
            super().save(**options)
            if is_renamed:
                handles_left.send(User, former=[before])

    @property
    def is_away(self) -> bool:
        """True for who is suspended, leaving or deactivated: see `not_away`."""
        return not self.is_active

    @property
    def name(self) -> str:
        """Return the name people see: the display name, or the handle without one."""
        return self.display_name or self.handle

    @property
    def held_since(self) -> datetime:
        """Since when the handle is theirs: what was written before it meant somebody else."""
        return self.handle_since or self.date_joined

    @property
    def avatar_url(self) -> str:
        """Return the address of the picture, or of a drawn face without one."""
        if self.avatar:
            return self.avatar.url
        return static(self.drawn_portrait or "img/no-portrait.svg")

    def get_absolute_url(self) -> str:
        return address("accounts:profile", self.handle)
