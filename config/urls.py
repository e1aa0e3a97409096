"""Every address of the site, by app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("api/v1/", include("config.api_urls")),
    path("spaces/", include("spaces.urls")),
    path("", include("posts.urls")),
    path("", include("accounts.urls")),
]
