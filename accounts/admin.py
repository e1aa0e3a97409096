"""People and what is between them, for staff."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, Follow, Report, User


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


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin[Report]):
    """The queue: open ones first. What was reported cannot be changed, only what came of it."""

    list_display = ("created_at", "target_kind", "reason", "short_text", "state", "handled_by")
    list_filter = ("state", "reason", "target_kind", "created_at")
    list_select_related = ("handled_by",)
    search_fields = ("target_text", "text", "target_url")
    date_hierarchy = "created_at"
    ordering = ("-state", "created_at")  # "open" sorts last of the three words, so descending puts it first.
    actions = ("mark_acted", "mark_dismissed")
    fields = ("created_at", "target_kind", "link", "target_text", "reason", "text", "state", "handled_by", "handled_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("said"))
    def short_text(self, report: Report) -> str:
        return report.target_text[:80]

    @admin.display(description=_("address"))
    def link(self, report: Report) -> SafeString:
        return format_html('<a href="{}">{}</a>', report.target_url, report.target_url)

    @admin.action(description=_("Close: something was done"), permissions=["change"])
    def mark_acted(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        self._close(request, reports, Report.State.ACTED)

    @admin.action(description=_("Close: nothing to do"), permissions=["change"])
    def mark_dismissed(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        self._close(request, reports, Report.State.DISMISSED)

    def _close(self, request: HttpRequest, reports: QuerySet[Report], state: Report.State) -> None:
        reports.update(state=state, handled_by=request.user, handled_at=timezone.now())
        self.message_user(request, _("Closed."))
