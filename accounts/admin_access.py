"""Who may open what of the staff's site beside moderation."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


# type-arg: a mixin for admins of all models.
class SuperusersAdmin(admin.options.BaseModelAdmin):  # type: ignore[type-arg]
    """Rows that decide what an account can do: superusers alone see and write them.

    Whatever permissions somebody has been given: each of these pages is a way to all of them.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    # Any: Django's signatures.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)


def _is_superuser(request: HttpRequest) -> bool:
    # Who is away has no log-in.
    return request.user.is_superuser
