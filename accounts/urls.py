from django.urls import path

from accounts.views import alerts, people, relationships, reports, settings

app_name = "accounts"
urlpatterns = [
    path("report/<slug:kind>/<int:pk>/", reports.report, name="report"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/requests/", relationships.requests, name="requests"),
    path("settings/", settings.index, name="settings"),
    path("settings/preferences/", settings.preferences, name="preferences"),
    path("settings/profile/", settings.profile, name="edit_profile"),
    path("settings/hidden/", settings.hidden_people, name="hidden_people"),
    path("@<str:handle>/", people.profile, name="profile"),
    path("@<str:handle>/followers/", people.followers, name="followers"),
    path("@<str:handle>/following/", people.following, name="following"),
    path("@<str:handle>/follow/", relationships.follow, name="follow"),
    path("@<str:handle>/mute/", relationships.mute, name="mute"),
    path("@<str:handle>/block/", relationships.block, name="block"),
    path("@<str:handle>/request/", relationships.answer_request, name="answer_request"),
    path("@<str:handle>/remove-follower/", relationships.remove_follower, name="remove_follower"),
    path("@<str:handle>/<slug:tab>/", people.profile, name="profile_tab"),
]
