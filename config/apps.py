from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ConfigConfig(AppConfig):
    name = "config"
    label = "config"

    def ready(self) -> None:
        from config.monitoring import checks  # noqa: F401  Registers the system checks.


class ParleyAdminConfig(admin.AdminConfig):
    """`admin.site` is ours, so that every `@admin.register` is too."""

    default = False  # "config" in INSTALLED_APPS means the class above.
    default_site = "config.site_admin.site.ParleyAdmin"
