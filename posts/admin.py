"""Posts, for staff: find, read, remove."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from posts.models import Post


@admin.register(Post)
class PostAdmin(admin.ModelAdmin[Post]):
    list_display = ("id", "author", "short_text", "created_at", "is_reply", "like_count", "reply_count", "repost_count")
    list_select_related = ("author",)
    list_filter = ("is_reply", "created_at")
    search_fields = ("text", "author__handle")
    date_hierarchy = "created_at"
    raw_id_fields = ("author", "reply_to", "repost_of")
    readonly_fields = ("like_count", "reply_count", "repost_count")

    @admin.display(description=_("text"))
    def short_text(self, post: Post) -> str:
        return post.text[:80]
