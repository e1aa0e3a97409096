from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        # Here, because models can be imported only when all apps are loaded.
        from accounts import account_changes
        from accounts.extension import EXTENSION
        from accounts.extension_points import registry
        from accounts.services import (
            api_tokens,
            handles,
            held_handles,
            log_ins,
            security_letters,
        )

        registry.register(EXTENSION)
        account_changes.connect()
        api_tokens.connect()
        handles.connect()
        held_handles.connect()
        log_ins.connect()
        security_letters.connect()
