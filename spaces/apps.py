from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpacesConfig(AppConfig):
    name = "spaces"
    verbose_name = _("Spaces")

    def ready(self) -> None:
        # Not at the top: these import models, which are not there before all apps are loaded.
        from accounts.extension_points import registry
        from posts import page_slots
        from spaces import signals
        from spaces.extension import EXTENSION, PAGE_SLOTS
        from spaces.services import discovery, transcripts

        registry.register(EXTENSION)
        page_slots.fill(PAGE_SLOTS)
        signals.connect()
        transcripts.keep_index()
        discovery.keep_indexes()
