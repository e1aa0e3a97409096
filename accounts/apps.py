from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from accounts.extension_points import data_export, reports, things
        from accounts.notifications import notify
        from accounts.realtime import page_hints
        from accounts.services import account_data
        from accounts.services.people import case, describe, describe_decisions

        things.register("person", describe)
        things.register("decision", describe_decisions)
        reports.register("person", case())
        data_export.register("account", account_data.collect)
        page_hints.count("alerts", notify.unread_count)
