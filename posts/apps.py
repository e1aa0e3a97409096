from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = _("Posts")

    def ready(self) -> None:
        from accounts import cases as staff_cases
        from accounts import exports as copies
        from accounts import farewells, rings, targets
        from accounts.services import composing, live
        from posts import cards, cases, exports, farewell, files, tabs
        from posts.services import chatting, fleet_replies, fleet_shelf, message_search, messaging, searching, voice
        from posts.targets import describe, describe_fleets, describe_messages

        files.watch()
        searching.keep_indexes(self)
        message_search.keep_index(self)
        tabs.register_tabs()
        targets.register("post", describe)
        targets.register("fleet", describe_fleets)
        targets.register("message", describe_messages)
        staff_cases.register("post", cases.post())
        staff_cases.register("fleet", cases.fleet())
        staff_cases.register("message", cases.message())
        cards.register(fleet_replies.PATTERN, fleet_replies.cards_of)
        rings.register_for_viewer(fleet_shelf.rings)
        farewells.register(on_emptying=farewell.empty)
        copies.register("posts", exports.posts)
        copies.register("fleets", exports.fleets)
        copies.register("messages", exports.messages)
        live.count("messages", messaging.unread_count)
        live.hear("typing", chatting.on_typing)
        composing.register("message", chatting.compose)
        voice.AUDIENCES.append(messaging.hears)
