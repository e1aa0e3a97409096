from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = _("Posts")

    def ready(self) -> None:
        from accounts import targets
        from posts import tabs
        from posts.targets import describe

        tabs.register_tabs()
        targets.register("post", describe)
