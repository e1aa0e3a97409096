from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = _("Posts")

    def ready(self) -> None:
        from accounts.extension_points import registry
        from posts import files  # noqa: F401  Its receivers follow the rows from now on.
        from posts.extension import EXTENSION
        from posts.services import message_search, searching

        registry.register(EXTENSION)
        searching.keep_indexes()
        message_search.keep_indexes()
