from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpacesConfig(AppConfig):
    name = "spaces"
    verbose_name = _("Spaces")

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from accounts import cases as staff_cases
        from accounts import exports as copies
        from accounts import farewells
        from accounts.models import Block, User
        from accounts.services import suspending
        from posts import cards as registry
        from spaces import signals
        from spaces.models import Clip, Recording
        from spaces.services import cards, clipcards, clips, exports, farewell, policing, replays, transcripts
        from spaces.views import parts, tab

        registry.register(cards.PATTERN, cards.resolve)
        registry.register(clipcards.PATTERN, clipcards.resolve)
        transcripts.keep_index(self)
        parts.register()
        tab.register()
        staff_cases.register("space", policing.case())
        suspending.suspended.connect(policing.on_suspended, sender=User, dispatch_uid="spaces.on_suspended")
        farewells.register(on_leaving=farewell.leave)
        copies.register("spaces", exports.collect)
        post_delete.connect(replays.on_deleted, sender=Recording, dispatch_uid="spaces.replay_is_gone")
        post_delete.connect(clips.on_deleted, sender=Clip, dispatch_uid="spaces.clip_is_gone")
        post_save.connect(signals.on_block, sender=Block, dispatch_uid="spaces.on_block")
