from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpacesConfig(AppConfig):
    name = "spaces"
    verbose_name = _("Spaces")

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from accounts.models import Block
        from posts import cards as registry
        from spaces import signals
        from spaces.services import cards
        from spaces.views import parts

        registry.register(cards.PATTERN, cards.resolve)
        parts.register()
        post_save.connect(signals.on_block, sender=Block, dispatch_uid="spaces.on_block")
