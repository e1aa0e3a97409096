from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpacesConfig(AppConfig):
    name = "spaces"
    verbose_name = _("Spaces")

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from accounts.extension_points import account_deletion as deletions
        from accounts.extension_points import data_export as copies
        from accounts.extension_points import reports as staff_cases
        from accounts.models import Block, User
        from accounts.moderation import suspensions
        from posts import link_cards as registry
        from spaces import signals
        from spaces.models import Clip, Recording
        from spaces.services import (
            account_deletion,
            cards,
            clip_cards,
            clips,
            data_export,
            replays,
            staff_actions,
            transcripts,
        )
        from spaces.views import page_slots, profile_tab

        registry.register(cards.PATTERN, cards.resolve)
        registry.register(clip_cards.PATTERN, clip_cards.resolve)
        transcripts.keep_index(self)
        page_slots.register()
        profile_tab.register()
        staff_cases.register("space", staff_actions.case())
        suspensions.suspended.connect(
            staff_actions.on_suspended, sender=User, dispatch_uid="spaces.on_suspended"
        )
        deletions.register(on_leaving=account_deletion.leave)
        copies.register("spaces", data_export.collect)
        post_delete.connect(
            replays.on_deleted, sender=Recording, dispatch_uid="spaces.replay_is_gone"
        )
        post_delete.connect(clips.on_deleted, sender=Clip, dispatch_uid="spaces.clip_is_gone")
        post_save.connect(signals.on_block, sender=Block, dispatch_uid="spaces.on_block")
