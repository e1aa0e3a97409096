"""The site of the staff: Django's admin behind a second factor, with what goes on in front."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.admin_access import SuperusersAdmin
from accounts.models import Report, User
from accounts.services import staff_logins
from config.http.search_engines import kept_from_search
from config.monitoring import metrics
from spaces.models import Seat, Space
from spaces.services import presence_store

NEWEST = 8
OURS = ("accounts", "posts", "spaces")


class ParleyAdmin(AdminSite):
    site_header = _("Parley · staff")
    site_title = _("Parley staff")
    index_title = _("How it goes")

    # Any: Django's.
    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Leave models of packages to superusers: groups, addresses, second factors, log-ins, API
        tokens, and what a package adds one day.
        """
        is_one = isinstance(model_or_iterable, ModelBase)
        for model in [model_or_iterable] if is_one else model_or_iterable:
            chosen = admin_class or ModelAdmin
            if model._meta.app_label not in OURS:
                # Packages search a column that our users do not have.
                searched = [
                    f"user__{User.USERNAME_FIELD}" if name == "user__username" else name
                    for name in chosen.search_fields
                ]
                own = {"search_fields": searched}
                chosen = type(chosen.__name__, (SuperusersAdmin, chosen), own)
            super().register(model, chosen, **options)

    # Its path may be a secret of the site.
    # Any: Django's.
    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return kept_from_search(super().admin_view(view, cacheable))

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return super().has_permission(request) and isinstance(user, User) and user.acts_as_staff

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:  # Any: Django's.
        """Log in like everybody, with the same limits.

        Staff whose log-in did not pass a second factor read how to come in.
        """
        user = request.user
        if isinstance(user, User) and user.is_staff and not user.acts_as_staff:
            context = {"has_factor": staff_logins.has_strong_factor(user)}
            return render(request, "accounts/staff_factor.html", context, status=403)
        view = kept_from_search(secure_admin_login(super().login))
        answer: HttpResponse = view(request, extra_context)
        return answer

    def password_change(  # type: ignore[override]  # No page of its own.
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:  # Any: Django's.
        """Staff change their password where everybody does, by the same rules."""
        return redirect("account_change_password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:  # Any: Django's.
        today = {"figures": metrics.gather(), "rooms": live_rooms(), "reports": newest_reports()}
        return super().index(request, {**(extra_context or {}), **today})


def live_rooms() -> list[dict[str, object]]:
    """Return each live room with its people and who is on stage, the fullest first.

    The number of queries does not grow with the rooms.
    """
    rooms = list(Space.objects.live().with_people())
    people = presence_store.counts([room.public_id for room in rooms])
    rows: list[dict[str, object]] = [
        {
            "space": room,
            "people": people.get(room.public_id, 0),
            "speakers": [
                seat.user for seat in room.seats.all() if seat.presence != Seat.Presence.LOST
            ],
            "is_hostless": room.host_lost_until is not None,
        }
        for room in rooms
    ]
    return sorted(rows, key=lambda row: -int(str(row["people"])))


def newest_reports() -> list[Report]:
    rows = Report.objects.filter(state=Report.State.OPEN).select_related("target_user")
    return list(rows.order_by("created_at")[:NEWEST])
