"""What staff see of Spaces: rooms with their counts, the stage, the log.

And what they can do to a room without entering it.
"""

from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.moderation import NOTE_CHARS
from accounts.moderation.admin import DetailAdmin, ReadOnlyAdmin
from accounts.views.responses import me
from spaces.models import AuditEntry, Ban, Reminder, Seat, Space
from spaces.rooms.errors import RoomError
from spaces.services import presence_store, reminders, staff_actions


class SeatInline(ReadOnlyAdmin, admin.TabularInline[Seat, Space]):
    model = Seat
    readonly_fields = ("user", "role", "microphone", "camera", "screen", "presence", "role_since")
    fields = readonly_fields
    fk_name = "space"
    extra = 0


class BanInline(ReadOnlyAdmin, admin.TabularInline[Ban, Space]):
    model = Ban
    readonly_fields = ("user", "by", "created_at")
    fields = readonly_fields
    fk_name = "space"
    extra = 0


class AuditInline(ReadOnlyAdmin, admin.TabularInline[AuditEntry, Space]):
    model = AuditEntry
    readonly_fields = ("at", "actor_handle", "actor_role", "action", "target_handle", "detail")
    fields = readonly_fields
    extra = 0


@admin.register(Space)
class SpaceAdmin(ReadOnlyAdmin, DetailAdmin[Space]):
    change_form_template = "admin/spaces/space/change_form.html"
    list_display = [
        "title",
        "host",
        "state",
        "on_stage",
        "speakers",
        "in_room",
        "waiting",
        "started_at",
        "room",
    ]
    list_filter = ["state", "language", "speak_rule", "started_at"]
    search_fields = ["title", "public_id", "host__handle", "topics__name"]
    list_select_related = ["host"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    inlines = [SeatInline, BanInline, AuditInline]
    actions = ["end_rooms"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Space]:
        # Counted in the query, so that staff can sort by it.
        stage = Count("seats", filter=~Q(seats__presence=Seat.Presence.LOST))
        spaces: QuerySet[Space] = super().get_queryset(request).annotate(stage_count=stage)
        return spaces

    def get_urls(self) -> list[URLPattern]:
        # Before the admin's own, one of which takes any text for a key.
        view = self.admin_site.admin_view(self.moderate)
        moderate = path("<int:pk>/police/", view, name="spaces_space_police")
        return [moderate, *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> Any:  # Any: Django's change list.
        """Fetch what the columns show of all rooms of the page at once."""
        changes = super().get_changelist_instance(request)
        live = [space.public_id for space in changes.result_list if space.state == Space.State.LIVE]
        # One question to Redis for all of them.
        people = presence_store.counts(live)
        waiting = reminders.counts(space.pk for space in changes.result_list)
        prefetch_related_objects(changes.result_list, "seats__user")
        for space in changes.result_list:
            space.people_count = people.get(space.public_id, 0)
            space.waiting_count = waiting.get(space.pk, 0)
        return changes

    @admin.display(description=_("On stage"), ordering="stage_count")
    def on_stage(self, space: Space) -> int:
        return int(getattr(space, "stage_count", 0))

    @admin.display(description=_("Speakers"))
    def speakers(self, space: Space) -> str:
        seats = [seat for seat in space.seats.all() if seat.presence != Seat.Presence.LOST]
        return ", ".join(str(seat.user) for seat in seats)

    @admin.display(description=_("Reminders"))
    def waiting(self, space: Space) -> int:
        return int(getattr(space, "waiting_count", 0))

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
        ended = 0
        # Each in a transaction of its own: one that is refused must not keep the others alive.
        for space in spaces.filter(state=Space.State.LIVE):
            with suppress(RoomError):  # It ended since the list was drawn.
                staff_actions.end(space, me(request))
                ended += 1
        text = ngettext("%(count)d room was ended.", "%(count)d rooms were ended.", ended)
        text %= {"count": ended}
        self.message_user(request, text, messages.SUCCESS if ended else messages.WARNING)

    def facts(self, request: HttpRequest, row: Space) -> dict[str, object]:
        seats = Seat.objects.filter(space=row).select_related("user")
        return {"may_police": self.has_end_permission(request), "seats": seats}

    def moderate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what the form of the room's page asks for, and log it.

        `do` is end, or mute:<user> or put_out:<user>; `note` is for the log and for the user it
        concerns. Raises Http404 for an unknown user or action.
        """
        space = get_object_or_404(Space.objects.select_related("host"), pk=pk)
        # A link or a reload must do nothing to a room.
        if request.method != "POST":
            return HttpResponse(status=405)
        if not self.has_end_permission(request):
            return HttpResponse(status=403)
        action, _colon, user = request.POST.get("do", "").partition(":")
        note = request.POST.get("note", "")[:NOTE_CHARS]
        actions = {"mute": staff_actions.mute, "put_out": staff_actions.remove}
        try:
            if action == "end":
                staff_actions.end(space, me(request), note)
            elif action in actions and user.isdecimal():
                target = get_object_or_404(User, pk=int(user))
                actions[action](space, target, me(request), note)
            else:
                raise Http404("No such action.")
        except RoomError as error:
            messages.error(request, error.text)
        else:
            messages.success(request, gettext("Done, and written down."))
        return redirect("admin:spaces_space_change", pk)


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyAdmin, admin.ModelAdmin[Reminder]):
    """Who waits for what, and what came of it; for the question "why was I not told?"."""

    list_display = ["space", "user", "kind", "due_at", "fired_at", "outcome"]
    list_filter = ["kind", "outcome", "due_at"]
    list_select_related = ["space", "user"]
    search_fields = ["user__handle", "space__title", "space__public_id"]
    ordering = ["-id"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin, admin.ModelAdmin[AuditEntry]):
    list_display = [
        "at",
        "space",
        "actor_handle",
        "actor_role",
        "action",
        "target_handle",
        "detail",
    ]
    list_filter = ["action", "actor_role", "at"]
    # By the copied names: an account that is gone leaves no other.
    search_fields = ["actor_handle", "target_handle", "space__public_id", "space__title"]
    list_select_related = ["space"]
    date_hierarchy = "at"
