"""People and what is between them, for staff."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, Follow, User


@admin.register(User)
class PersonAdmin(UserAdmin[User]):
    ordering = ("-date_joined",)
    list_display = ("handle", "display_name", "email", "is_active", "is_staff", "is_protected", "date_joined")
    list_filter = ("is_active", "is_staff", "is_protected", "date_joined")
    search_fields = ("handle", "display_name", "email")
    date_hierarchy = "date_joined"
    actions = ("suspend", "reinstate")
    fieldsets = (
        (None, {"fields": ("handle", "password")}),
        (_("Profile"), {"fields": ("display_name", "bio", "email", "avatar", "header", "language", "time_zone")}),
        (_("Choices"), {"fields": ("is_protected", "direct_messages_from")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("handle", "email", "password1", "password2")}),)

    @admin.action(description=_("Suspend: no log-in, no room, no media"), permissions=["change"])
    def suspend(self, request: HttpRequest, people: QuerySet[User]) -> None:
        for person in people.exclude(pk=request.user.pk or 0):
            person.is_active = False
            person.save(update_fields=["is_active"])  # One by one: the sockets listen to the signal of each.
        self.message_user(request, _("Suspended."))

    @admin.action(description=_("Reinstate"), permissions=["change"])
    def reinstate(self, request: HttpRequest, people: QuerySet[User]) -> None:
        people.update(is_active=True)
        self.message_user(request, _("Reinstated."))


@admin.register(Follow)
class FollowAdmin(admin.ModelAdmin[Follow]):
    list_display = ("follower", "followed", "created_at")
    list_select_related = ("follower", "followed")
    raw_id_fields = ("follower", "followed")
    search_fields = ("follower__handle", "followed__handle")


@admin.register(Block)
class BlockAdmin(admin.ModelAdmin[Block]):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    raw_id_fields = ("blocker", "blocked")
