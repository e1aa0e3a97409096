"""People in the admin as moderators see them: what they did, and what can be done about it."""

from collections.abc import Callable, Mapping

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext

from accounts.models import Decision, ModeratedUser, Report, User
from accounts.moderation import decisions, suspensions
from accounts.moderation.admin import DetailAdmin, ReadOnlyAdmin
from accounts.moderation.decisions import Reasons
from accounts.moderation.form import ReasonForm
from accounts.moderation.permission import (
    DecisionRefused,
    check_may_decide_about,
    may_moderate,
)
from accounts.views.responses import me

HISTORY = 20
# All that these pages show, find, sort and filter by. An address or a hash of a password can be
# read letter by letter through a filter alone.
SHOWN = (
    *("handle", "display_name", "bio", "avatar", "header"),
    *("is_active", "is_protected", "date_joined"),
)
DEEDS: Mapping[str, Callable[[User, User, Reasons], Decision]] = {
    "suspend": decisions.suspend,
    "reinstate": decisions.reinstate,
    "warn": decisions.warn,
    "note": decisions.keep_note,
}


class ModeratedUserAdmin(ReadOnlyAdmin, DetailAdmin[ModeratedUser]):
    change_form_template = "admin/accounts/moderateduser/change_form.html"
    list_display = ("handle", "display_name", "is_active", "is_protected", "date_joined")
    list_filter = ("is_active", "is_protected", "date_joined")
    search_fields = ("handle", "display_name")
    date_hierarchy = "date_joined"
    ordering = ("-date_joined",)
    fields = SHOWN
    readonly_fields = SHOWN

    def has_view_permission(self, request: HttpRequest, obj: ModeratedUser | None = None) -> bool:
        return may_moderate(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_moderate(request.user)

    # The type of `value` is Django's: text, or a list of it.
    def lookup_allowed(self, lookup: str, value: object, request: HttpRequest) -> bool:
        return lookup.partition("__")[0] in SHOWN

    def get_urls(self) -> list[URLPattern]:
        decide = path(
            "<int:pk>/decide/",
            self.admin_site.admin_view(self.decide),
            name="accounts_moderateduser_decide",
        )
        return [decide, *super().get_urls()]

    def facts(self, request: HttpRequest, row: ModeratedUser) -> dict[str, object]:
        waiting = Report.objects.filter(target_user=row.pk, state=Report.State.OPEN)
        refusal = ""
        try:
            check_may_decide_about(me(request), row)
        except DecisionRefused as error:
            refusal = str(error)
        return {
            "suspension": suspensions.current(row),
            "history": Decision.objects.filter(person=row.pk)[:HISTORY],
            "open_reports": waiting.count(),
            "reason_form": ReasonForm(),
            "refusal": refusal,
        }

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button says: `do` is one of `DEEDS`."""
        if not may_moderate(request.user):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        person = get_object_or_404(User, pk=pk)
        form = ReasonForm(request.POST)
        act = DEEDS.get(request.POST.get("do", ""))
        try:
            if act is None or not form.is_valid():
                raise DecisionRefused(gettext("Please check the note and the time."))
            decision = act(person, me(request), form.reasons())
        except DecisionRefused as error:
            messages.error(request, str(error))
        else:
            done = gettext("%(what)s. It is written down.")
            messages.success(request, done % {"what": decision.get_action_display()})
        return redirect("admin:accounts_moderateduser_change", pk)


def register() -> None:
    """Called once, by accounts.admin, which Django loads by itself."""
    admin.site.register(ModeratedUser, ModeratedUserAdmin)
