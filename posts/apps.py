from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = _("Posts")

    def ready(self) -> None:
        from accounts.extension_points import account_deletion as deletions
        from accounts.extension_points import avatar_rings, things
        from accounts.extension_points import data_export as copies
        from accounts.extension_points import reports as staff_cases
        from accounts.notifications import text
        from accounts.realtime import page_hints
        from posts import account_deletion, cases, data_export, files, link_cards, profile_tabs
        from posts.services import (
            conversation_events,
            fleet_replies,
            fleet_row,
            message_search,
            messaging,
            searching,
            voice,
        )
        from posts.targets import describe, describe_fleets, describe_messages

        files.watch()
        searching.keep_indexes(self)
        message_search.keep_index(self)
        profile_tabs.register_tabs()
        things.register("post", describe)
        things.register("fleet", describe_fleets)
        things.register("message", describe_messages)
        staff_cases.register("post", cases.post())
        staff_cases.register("fleet", cases.fleet())
        staff_cases.register("message", cases.message())
        link_cards.register(fleet_replies.PATTERN, fleet_replies.cards_of)
        avatar_rings.register_for_viewer(fleet_row.rings)
        deletions.register(on_emptying=account_deletion.empty)
        copies.register("posts", data_export.posts)
        copies.register("fleets", data_export.fleets)
        copies.register("messages", data_export.messages)
        page_hints.count("messages", messaging.unread_count)
        page_hints.hear("typing", conversation_events.on_typing)
        text.register("message", conversation_events.compose)
        voice.AUDIENCES.append(messaging.hears)
