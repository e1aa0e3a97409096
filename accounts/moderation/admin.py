"""Moderation in the admin: the queue of reports, the log of decisions, the appeals."""

from abc import ABCMeta, abstractmethod
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms.widgets import MediaDefiningClass
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.extension_points import registry
from accounts.models import Appeal, Decision, Report
from accounts.models.moderation import NOTE_CHARS
from accounts.moderation import appeals, decisions, evidence
from accounts.moderation.form import ReasonForm
from accounts.moderation.permission import DecisionRefused, may_moderate
from accounts.views.responses import me

Row = TypeVar("Row", bound=Model)

# What evidence may be shown as; by the ending that our own code gave the copy.
PICTURE_TYPES = {
    "webp": "image/webp",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}


class KindFilter(admin.SimpleListFilter):
    """Filter by the kind of thing; a decision about a user alone has none."""

    title = _("kind")
    parameter_name = "target_kind"

    # Any: Django's signature.
    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in registry.reportable_kinds()]

    # Any: reports or decisions.
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(target_kind=self.value()) if self.value() else queryset


# type-arg: a mixin for admins of all models.
class ReadOnlyAdmin(admin.options.BaseModelAdmin):  # type: ignore[type-arg]
    """Rows that staff only look at; actions have buttons of their own."""

    # Any: Django's signature.
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Any: Django's signature.
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # Any: Django's signature.
    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# type-arg: a mixin for admins of all models.
class ModeratorsAdmin(ReadOnlyAdmin):
    """Pages of moderators: the one permission opens all of them, a page's own opens it alone."""

    # Any: Django's signature.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_moderate(request.user) or super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_moderate(request.user) or super().has_module_permission(request)


class _AbstractMediaType(MediaDefiningClass, ABCMeta):
    """The two meta classes in one.

    Django's collects the scripts of its admins, Python's refuses to make an admin without `facts`.
    """


class DetailAdmin(admin.ModelAdmin[Row], metaclass=_AbstractMediaType):
    """Rows whose page shows more than their fields: `facts` says what its template gets."""

    @abstractmethod
    def facts(self, request: HttpRequest, row: Row) -> dict[str, object]: ...

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,  # Any: Django's signature.
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        about = self.facts(request, row) if row is not None else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **about})


class ReportAdmin(ModeratorsAdmin, DetailAdmin[Report]):
    """The queue: open ones first, the oldest on top.

    What was reported cannot be changed, only what comes of it.
    """

    change_form_template = "admin/accounts/report/change_form.html"
    list_display = (
        "created_at",
        "target_kind",
        "reason",
        "short_text",
        "about",
        "times",
        "state",
        "handled_by",
    )
    list_filter = ("state", "reason", KindFilter, "created_at")
    list_select_related = ("handled_by", "target_user")
    search_fields = ("target_text", "text", "target_url", "target_user__handle")
    date_hierarchy = "created_at"
    # "open" sorts last of the three words, so descending puts it first.
    ordering = ("-state", "created_at")
    # Without the reporter, who stays anonymous (RULES §9).
    fields = (
        "created_at",
        "target_kind",
        "reason",
        "text",
        "state",
        "note",
        "handled_by",
        "handled_at",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        same = Report.objects.filter(
            target_kind=OuterRef("target_kind"), target_id=OuterRef("target_id")
        )
        # Without an order: one would be part of the grouping, and each row its own group.
        grouped = same.order_by().values("target_kind", "target_id")
        count = Subquery(grouped.annotate(n=Count("pk")).values("n"))
        reports: QuerySet[Report] = super().get_queryset(request)
        return reports.annotate(report_count=Coalesce(count, 0))

    @admin.display(description=_("said"))
    def short_text(self, report: Report) -> str:
        return report.target_text[:80]

    @admin.display(description=_("person"), ordering="target_user__handle")
    def about(self, report: Report) -> str:
        return str(report.target_user or "")

    @admin.display(description=_("reports"), ordering="report_count")
    def times(self, report: Report) -> int:
        return int(getattr(report, "report_count", 0))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        mine = [
            path("<int:pk>/decide/", view(self.decide), name="accounts_report_decide"),
            path(
                "<int:pk>/evidence/<int:number>/", view(self.file), name="accounts_report_evidence"
            ),
        ]
        return [*mine, *super().get_urls()]

    def facts(self, request: HttpRequest, row: Report) -> dict[str, object]:
        seen = row.evidence or {}
        history = Decision.objects.none()
        if row.target_user_id:
            history = Decision.objects.filter(person=row.target_user_id)[:10]
        return {
            "facts": {name: seen[name] for name in seen if name != "files" and seen[name]},
            "pictures": range(len(evidence.files_of(row))),
            "deeds": self._deeds(request, row),
            "history": history,
            "decisions": Decision.objects.filter(report=row),
            "reason_form": ReasonForm(initial={"reason": row.reason}),
            "may_decide": row.state == Report.State.OPEN and self._may_decide(request),
        }

    def _deeds(self, request: HttpRequest, report: Report) -> list[Decision.Action]:
        deeds = decisions.actions_for(report)
        if not may_moderate(request.user):
            return [deed for deed in deeds if deed is not Decision.Action.SUSPEND]
        return deeds

    def _may_decide(self, request: HttpRequest) -> bool:
        return may_moderate(request.user) or request.user.has_perm("accounts.change_report")

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what a button says: `do` is one of `actions_for(report)`, or dismiss."""
        report = get_object_or_404(Report, pk=pk)
        if not self._may_decide(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = ReasonForm(request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Please check the note and the time."))
            return redirect("admin:accounts_report_change", pk)
        why = form.reasons()
        try:
            action = Decision.Action(request.POST.get("do", ""))
            if action is Decision.Action.DISMISS:
                decision = decisions.dismiss(report, me(request), why)
            elif action not in self._deeds(request, report):
                raise DecisionRefused(gettext("This cannot be done here."))
            else:
                decision = decisions.act_on(report, me(request), action, why)
        except DecisionRefused as error:
            messages.error(request, str(error))
        except ValueError:  # `do` is no action: not from our buttons.
            messages.error(request, gettext("This cannot be done here."))
        else:
            done = gettext("%(what)s. It is written down.")
            messages.success(request, done % {"what": decision.get_action_display()})
        return redirect("admin:accounts_report_change", pk)

    def file(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Send a picture of the evidence; only staff have an address for it."""
        report = get_object_or_404(Report, pk=pk)
        names = evidence.files_of(report)
        if not self.has_view_permission(request, report) or number >= len(names):
            raise Http404
        kind = PICTURE_TYPES.get(names[number].rpartition(".")[2].lower())
        if kind is None:
            raise Http404
        # Not by its address: /media/ does not serve this folder.
        with default_storage.open(names[number]) as file:
            answer = HttpResponse(file.read(), content_type=kind)
        answer["Cache-Control"] = "private, no-store"
        return answer


class DecisionAdmin(ModeratorsAdmin, admin.ModelAdmin[Decision]):
    """The log. Nothing in it can be changed, here or in the database."""

    view_on_site = False  # The page of a decision is for whom it concerns alone.
    list_display = (
        "at",
        "actor_handle",
        "action",
        "person_handle",
        "target_kind",
        "short_text",
        "until",
        "note",
    )
    list_filter = ("action", KindFilter, "at")
    search_fields = ("actor_handle", "person_handle", "target_text", "note")
    date_hierarchy = "at"

    @admin.display(description=_("what it was"))
    def short_text(self, decision: Decision) -> str:
        return decision.target_text[:80]


class AppealAdmin(ModeratorsAdmin, DetailAdmin[Appeal]):
    change_form_template = "admin/accounts/appeal/change_form.html"
    list_display = ("created_at", "person", "against", "short_text", "state", "answered_by")
    list_filter = ("state", "created_at")
    list_select_related = ("person", "decision", "answered_by")
    search_fields = ("person__handle", "text")
    ordering = ("state", "created_at")  # "open" is the first of the three words.
    fields = (
        "created_at",
        "person",
        "against",
        "text",
        "state",
        "answer",
        "answered_by",
        "answered_at",
    )
    readonly_fields = fields

    @admin.display(description=_("against"))
    def against(self, appeal: Appeal) -> SafeString:
        return format_html(
            "{} · {}", appeal.decision.get_action_display(), appeal.decision.target_text[:80]
        )

    @admin.display(description=_("in their words"))
    def short_text(self, appeal: Appeal) -> str:
        return appeal.text[:80]

    def get_urls(self) -> list[URLPattern]:
        answer = path(
            "<int:pk>/answer/",
            self.admin_site.admin_view(self.answer),
            name="accounts_appeal_answer",
        )
        return [answer, *super().get_urls()]

    def facts(self, request: HttpRequest, row: Appeal) -> dict[str, object]:
        may_answer = row.state == Appeal.State.OPEN and self._may_answer(request)
        return {"may_answer": may_answer, "decision": row.decision}

    def _may_answer(self, request: HttpRequest) -> bool:
        return may_moderate(request.user) or request.user.has_perm("accounts.change_appeal")

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close an appeal; `do` is grant or refuse."""
        appeal = get_object_or_404(Appeal, pk=pk)
        if not self._may_answer(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        text = request.POST.get("answer", "")[:NOTE_CHARS]
        try:
            appeals.answer(appeal, me(request), grant=request.POST.get("do") == "grant", text=text)
        except DecisionRefused as error:
            messages.error(request, str(error))
        else:
            messages.success(request, gettext("Answered, and written down."))
        return redirect("admin:accounts_appeal_change", pk)


def register() -> None:
    """Called once, by accounts.admin, which Django loads by itself."""
    admin.site.register(Report, ReportAdmin)
    admin.site.register(Decision, DecisionAdmin)
    admin.site.register(Appeal, AppealAdmin)
