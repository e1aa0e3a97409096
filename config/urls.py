"""Every address of the site, by app."""

from allauth.account.views import login, password_change, password_set, signup
from django.conf import settings
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from accounts.reauthentication import required, required_of_users, required_to_post
from accounts.views import login_details, login_sessions
from config.http.rate_limits import limited_posts
from config.views import errors, health, javascript_catalog, media, pwa, well_known
from spaces.views.feeds import SITEMAPS

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("favicon.ico", well_known.favicon),
    path("robots.txt", well_known.robots),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.service_worker, name="service_worker"),
    path("offline/", pwa.offline, name="offline"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path(".well-known/change-password", well_known.change_password),
    path("i18n/", include("django.conf.urls.i18n")),
    path("jsi18n/", javascript_catalog.catalogue, name="jsi18n"),
    path("media/<slug:folder>/<str:name>", media.public_picture),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    # Before allauth's own, which limits by its cache: that is not exact when several processes
    # count.
    path("account/login/", limited_posts("log_in")(login)),
    path("account/signup/", limited_posts("sign_up")(signup)),
    # Also instead of allauth's own, which knows browsers alone.
    path("account/sessions/", required_to_post(login_sessions.LogInsView.as_view())),
    # The same behind a fresh log-in, with what was typed before.
    path("account/email/", required_to_post(login_details.AddressesView.as_view())),
    path("account/confirm-email/", required_of_users(login_details.ConfirmAddressView.as_view())),
    path("account/password/change/", required(password_change)),
    path("account/password/set/", required(password_set)),
    path("account/2fa/webauthn/add/", login_details.AddPasskeyView.as_view()),
    path("account/", include("allauth.urls")),
    path("api/v1/", include("config.api_urls")),
    path("spaces/", include("spaces.urls")),
    path("", include("posts.urls")),
    path("", include("accounts.urls")),
]
