"""Posts and Fleets, for staff: find, read, remove.

Messages are not listed: only a report shows one.
"""

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Decision
from accounts.moderation import decisions
from accounts.moderation.admin import ReadOnlyAdmin
from accounts.views.responses import me
from posts.models import Fleet, Post
from posts.services import fleets, posting


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin, admin.ModelAdmin[Post]):
    list_display = (
        "id",
        "author",
        "short_text",
        "created_at",
        "is_reply",
        "like_count",
        "reply_count",
        "repost_count",
    )
    list_select_related = ("author",)
    list_filter = ("is_reply", "created_at")
    search_fields = ("text", "author__handle")
    date_hierarchy = "created_at"
    actions = ("remove",)
    fields = (
        "author",
        "text",
        "created_at",
        "edited_at",
        "is_reply",
        "like_count",
        "reply_count",
        "repost_count",
    )

    @admin.display(description=_("text"))
    def short_text(self, post: Post) -> str:
        return post.text[:80]

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("posts.delete_post")

    @admin.action(description=_("Remove, and write it down"), permissions=["remove"])
    def remove(self, request: HttpRequest, posts: QuerySet[Post]) -> None:
        staff = me(request)
        # One transaction each: if one fails, those before it stay removed, and written down.
        for post in posts.select_related("author"):
            with transaction.atomic():
                decisions.log_action(
                    staff, Decision.Action.REMOVE, post.author, "post", post.pk, post.text
                )
                posting.take_down(post)
        self.message_user(request, _("Done, and written down."))


@admin.register(Fleet)
class FleetAdmin(ReadOnlyAdmin, admin.ModelAdmin[Fleet]):
    list_display = ("id", "author", "short_text", "audience", "created_at", "expires_at")
    list_select_related = ("author",)
    list_filter = ("audience", "created_at")
    search_fields = ("text", "author__handle")
    actions = ("remove",)
    fields = ("author", "text", "alt", "audience", "created_at", "expires_at")

    @admin.display(description=_("text"))
    def short_text(self, fleet: Fleet) -> str:
        return fleet.text[:80]

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("posts.delete_fleet")

    @admin.action(description=_("Remove, and write it down"), permissions=["remove"])
    def remove(self, request: HttpRequest, chosen: QuerySet[Fleet]) -> None:
        staff = me(request)
        for fleet in chosen.select_related("author"):
            with transaction.atomic():
                decisions.log_action(
                    staff, Decision.Action.REMOVE, fleet.author, "fleet", fleet.pk, fleet.text
                )
                fleets.take_down(fleet)
        self.message_user(request, _("Done, and written down."))
