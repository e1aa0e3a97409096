"""Every address of the site, by app."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from config.views import errors, health, media, wellknown, words

# Staff log in like everybody: with the same limits, the second factor and the session list.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth's documented way.

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("favicon.ico", wellknown.favicon),
    path("robots.txt", wellknown.robots),
    path(".well-known/change-password", wellknown.change_password),
    path("i18n/", include("django.conf.urls.i18n")),
    path("jsi18n/", words.catalogue, name="jsi18n"),
    path("media/<slug:folder>/<str:name>", media.public_picture),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("api/v1/", include("config.api_urls")),
    path("spaces/", include("spaces.urls")),
    path("", include("posts.urls")),
    path("", include("accounts.urls")),
]
