from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts import cases, exports, targets
        from accounts.services import live, notifying, own_data
        from accounts.services.people import case, describe, describe_decisions

        targets.register("person", describe)
        targets.register("decision", describe_decisions)
        cases.register("person", case())
        exports.register("account", own_data.collect)
        live.count("alerts", notifying.unread_count)
