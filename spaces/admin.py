"""What staff see of Spaces: rooms with their counts, the stage, the log; and the one button that ends a room."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from spaces.models import AuditEntry, Ban, Seat, Space
from spaces.rooms.errors import RoomError
from spaces.services import audience, scheduling


class ReadOnly(admin.options.BaseModelAdmin):  # type: ignore[type-arg]  # A mixin for admins and inlines alike.
    """Rows that are looked at: the room changes them by its rules, never by a form."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # Any: Django's signature.
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # Any: Django's signature.
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # Any: Django's signature.
        return False


class SeatInline(ReadOnly, admin.TabularInline[Seat, Space]):
    model = Seat
    readonly_fields = ("user", "role", "microphone", "camera", "screen", "presence", "role_since")
    fields = readonly_fields
    fk_name = "space"
    extra = 0


class BanInline(ReadOnly, admin.TabularInline[Ban, Space]):
    model = Ban
    readonly_fields = ("user", "by", "created_at")
    fields = readonly_fields
    fk_name = "space"
    extra = 0


class AuditInline(ReadOnly, admin.TabularInline[AuditEntry, Space]):
    model = AuditEntry
    readonly_fields = ("at", "actor_handle", "actor_role", "action", "target_handle", "detail")
    fields = readonly_fields
    extra = 0


@admin.register(Space)
class SpaceAdmin(ReadOnly, admin.ModelAdmin[Space]):
    list_display = ["title", "host", "state", "on_stage", "in_room", "started_at", "room"]
    list_filter = ["state", "language", "speak_rule", "started_at"]
    search_fields = ["title", "public_id", "host__handle", "topics__name"]
    list_select_related = ["host"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [SeatInline, BanInline, AuditInline]
    actions = ["end_rooms"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Space]:
        stage = Count("seats", filter=~Q(seats__presence=Seat.Presence.LOST))
        spaces: QuerySet[Space] = super().get_queryset(request).annotate(stage_count=stage)
        return spaces

    def get_changelist_instance(self, request: HttpRequest) -> Any:  # Any: Django's change list.
        """Count the people of all rooms on the page in one call."""
        changes = super().get_changelist_instance(request)
        live = [space.public_id for space in changes.result_list if space.state == Space.State.LIVE]
        people = audience.counts(live)
        for space in changes.result_list:
            space.people_count = people.get(space.public_id, 0)
        return changes

    @admin.display(description=_("On stage"), ordering="stage_count")
    def on_stage(self, space: Space) -> int:
        return int(getattr(space, "stage_count", 0))

    @admin.display(description=_("In the room"))
    def in_room(self, space: Space) -> int:
        return int(getattr(space, "people_count", 0))

    @admin.display(description=_("Room"))
    def room(self, space: Space) -> str:
        return format_html('<a href="{}">{}</a>', space.get_absolute_url(), _("Enter as moderator"))

    def has_end_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("spaces.change_space")

    @admin.action(description=_("End the selected rooms"), permissions=["end"])
    def end_rooms(self, request: HttpRequest, spaces: QuerySet[Space]) -> None:
        """End what is live; the people in it read that moderators did."""
        assert isinstance(request.user, User), "The admin lets nobody else in."
        ended = sum(_end(space, request.user) for space in spaces)
        text = ngettext("%(count)d room was ended.", "%(count)d rooms were ended.", ended) % {"count": ended}
        self.message_user(request, text, messages.SUCCESS if ended else messages.WARNING)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, admin.ModelAdmin[AuditEntry]):
    list_display = ["at", "space", "actor_handle", "actor_role", "action", "target_handle", "detail"]
    list_filter = ["action", "actor_role", "at"]
    search_fields = ["actor_handle", "target_handle", "space__public_id", "space__title"]
    list_select_related = ["space"]
    date_hierarchy = "at"


def _end(space: Space, staff: User) -> bool:
    try:
        scheduling.end(space, staff)
    except RoomError:
        return False
    return True
