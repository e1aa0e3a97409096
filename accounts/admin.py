"""Users and how they relate, for staff.

Reports, decisions and appeals are in `accounts.moderation.admin`.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, Decision, Follow, Report, Suspension, User
from accounts.moderation import admin as moderation_admin
from accounts.moderation import decisions, suspensions
from accounts.moderation.decisions import DecisionRefused, Reasons
from accounts.services import handles
from accounts.views.responses import me

moderation_admin.register()


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
class PersonAdmin(UserAdmin[User], moderation_admin.DetailAdmin[User]):
    """`is_active` is read-only: suspending and reinstating need a reason, and go into the log."""

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

    def get_urls(self) -> list[URLPattern]:
        suspend = path(
            "<int:pk>/police/",
            self.admin_site.admin_view(self.suspend_or_reinstate),
            name="accounts_user_police",
        )
        return [suspend, *super().get_urls()]

    def facts(self, request: HttpRequest, row: User) -> dict[str, object]:
        waiting = Report.objects.filter(target_user=row, state=Report.State.OPEN)
        return {
            "suspension": suspensions.current(row),
            "history": Decision.objects.filter(person=row)[:20],
            "open_reports": waiting.count(),
        }

    def suspend_or_reinstate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks why and until when, POST does it: `do` is suspend or reinstate."""
        person = get_object_or_404(User, pk=pk)
        if not self.has_change_permission(request, person):
            return HttpResponse(status=403)
        form = moderation_admin.ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            why = form.reasons()
            try:
                if request.POST.get("do") == "reinstate":
                    # "For how long" is a field of the form, and has no meaning here.
                    decisions.reinstate(person, me(request), Reasons(why.reason, why.note))
                else:
                    decisions.suspend(person, me(request), why)
            except DecisionRefused as error:
                messages.error(request, str(error))
            else:
                messages.success(request, gettext("Done, and written down."))
                return redirect("admin:accounts_user_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Suspend or reinstate %(name)s") % {"name": person},
            "person": person,
            "suspension": suspensions.current(person),
            "form": form,
            "opts": User._meta,
        }
        return render(
            request,
            "admin/accounts/user/police.html",
            context,
            status=422 if form.is_bound else 200,
        )


@admin.register(Follow)
class FollowAdmin(admin.ModelAdmin[Follow]):
    list_display = ("follower", "followed", "created_at")
    list_select_related = ("follower", "followed")
    # Else the form holds two lists of all users.
    raw_id_fields = ("follower", "followed")
    search_fields = ("follower__handle", "followed__handle")


@admin.register(Block)
class BlockAdmin(admin.ModelAdmin[Block]):
    list_display = ("blocker", "blocked", "created_at")
    list_select_related = ("blocker", "blocked")
    raw_id_fields = ("blocker", "blocked")
    search_fields = ("blocker__handle", "blocked__handle")


@admin.register(Suspension)
class SuspensionAdmin(moderation_admin.ReadOnlyAdmin, admin.ModelAdmin[Suspension]):
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
