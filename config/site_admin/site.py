"""The site of the staff: Django's admin behind a second factor, with what goes on in front."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Report, User
from config.http.search_engines import kept_from_search
from config.monitoring import metrics
from spaces.models import Seat, Space
from spaces.services import presence_store

NEWEST = 8
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class ParleyAdmin(AdminSite):
    site_header = _("Parley · staff")
    site_title = _("Parley staff")
    index_title = _("How it goes")

    # Its path may be a secret of the site.
    # Any: Django's.
    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return kept_from_search(super().admin_view(view, cacheable))

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and has_second_factor(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:  # Any: Django's.
        """Log in like everybody, with the same limits.

        Staff without a second factor are sent to make one.
        """
        user = request.user
        is_staff = isinstance(user, User) and not user.is_away and user.is_staff
        if is_staff and not has_second_factor(request):
            text = gettext("The staff’s pages need a second factor. Add an app or a passkey first.")
            messages.warning(request, text)
            return redirect("mfa_index")
        view = kept_from_search(secure_admin_login(super().login))
        answer: HttpResponse = view(request, extra_context)
        return answer

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:  # Any: Django's.
        today = {"figures": metrics.gather(), "rooms": live_rooms(), "reports": newest_reports()}
        return super().index(request, {**(extra_context or {}), **today})


def has_second_factor(request: HttpRequest) -> bool:
    """True if the account has an app or a passkey: then no log-in gets past without it.

    Asked once a request.
    """
    if not hasattr(request, "_has_second_factor"):
        rows = Authenticator.objects.filter(user=request.user.pk, type__in=STRONG)
        # Kept with the request that it is about.
        request._has_second_factor = rows.exists()  # type: ignore[attr-defined]
    return bool(vars(request)["_has_second_factor"])


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
