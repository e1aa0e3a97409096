"""Users and how they relate, for staff.

Moderation is in `accounts.moderation`: `people_admin`, and `admin` for reports and decisions.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.translation import gettext_lazy as _

from accounts.admin_access import SuperusersAdmin
from accounts.models import Block, Follow, Suspension, User
from accounts.moderation import admin as moderation_admin
from accounts.moderation import people_admin
from accounts.services import handles

moderation_admin.register()
people_admin.register()


class _FreeHandle:
    """Of forms of people: a new handle is none that rests or would be confused with a page."""

    def clean_handle(self: Any) -> str:  # Any: a form, which this is mixed into.
        handle: str = self.cleaned_data["handle"]
        if handle.lower() != (self.instance.handle or "").lower():
            handles.check(handle)
        return handle


# Any: Django's forms are for any model of users.
class PersonForm(_FreeHandle, UserChangeForm[Any]):
    class Meta:
        model = User
        fields = ("handle",)  # The admin adds those of its `fieldsets`.


class NewPersonForm(_FreeHandle, AdminUserCreationForm[Any]):
    class Meta:
        model = User
        fields = ("handle",)


@admin.register(User)
class PersonAdmin(SuperusersAdmin, UserAdmin[User]):
    """Rights, addresses and passwords, for superusers alone; moderators have `people_admin`.

    `is_active` is read-only: suspending and reinstating need a reason, and go into the log.
    """

    form = PersonForm
    add_form = NewPersonForm
    change_form_template = "admin/accounts/user/change_form.html"
    ordering = ("-date_joined",)
    list_display = (
        "handle",
        "display_name",
        "email",
        "is_active",
        "is_staff",
        "is_protected",
        "date_joined",
    )
    list_filter = ("is_active", "is_staff", "is_protected", "date_joined")
    search_fields = ("handle", "display_name", "email")
    date_hierarchy = "date_joined"
    readonly_fields = ("is_active", "last_login", "date_joined")
    filter_horizontal = ()  # Django's double list has labels that screen readers are not given.
    fieldsets = (
        (None, {"fields": ("handle", "password", "is_active")}),
        (
            _("Profile"),
            {
                "fields": (
                    "display_name",
                    "bio",
                    "email",
                    "avatar",
                    "header",
                    "language",
                    "time_zone",
                )
            },
        ),
        (_("Choices"), {"fields": ("is_protected", "direct_messages_from")}),
        (_("Permissions"), {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("handle", "email", "password1", "password2")}),
    )


@admin.register(Follow)
class FollowAdmin(moderation_admin.ReadOnlyAdmin, admin.ModelAdmin[Follow]):
    list_display = ("follower", "followed", "created_at")
    list_select_related = ("follower", "followed")
    search_fields = ("follower__handle", "followed__handle")


@admin.register(Block)
class BlockAdmin(moderation_admin.ReadOnlyAdmin, admin.ModelAdmin[Block]):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    search_fields = ("blocker__handle", "blocked__handle")


@admin.register(Suspension)
class SuspensionAdmin(moderation_admin.ModeratorsAdmin, admin.ModelAdmin[Suspension]):
    """Who is suspended, since when and until when. It is lifted on the person's page."""

    list_display = ("user", "began_at", "until", "lifted_at", "by", "why")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "began_at")
    list_select_related = ("user", "decision")
    search_fields = ("user__handle",)
    ordering = ("-began_at",)

    @admin.display(description=_("by"))
    def by(self, suspension: Suspension) -> str:
        return suspension.decision.actor_handle

    @admin.display(description=_("note"))
    def why(self, suspension: Suspension) -> str:
        return suspension.decision.note
