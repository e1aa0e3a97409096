from django.urls import path

from accounts.views import (
    account_deletion,
    alerts,
    data_export,
    decisions,
    login_sessions,
    muted_words,
    notification_settings,
    people,
    relationships,
    reports,
    settings,
)

app_name = "accounts"
urlpatterns = [
    path("report/<slug:kind>/<int:pk>/", reports.report, name="report"),
    path("decisions/<int:pk>/", decisions.mine, name="decision"),
    path("appeal/<str:token>/", decisions.by_mail, name="appeal"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/requests/", relationships.requests, name="requests"),
    path("settings/", settings.index, name="settings"),
    path("settings/preferences/", settings.preferences, name="preferences"),
    path("settings/notifications/", notification_settings.index, name="notices"),
    path("settings/notifications/push/", notification_settings.subscribe, name="push"),
    path("settings/notifications/push/off/", notification_settings.unsubscribe_browser, name="push_off"),
    path(
        "settings/notifications/browsers/<int:pk>/remove/", notification_settings.remove_browser, name="remove_browser"
    ),
    path("unsubscribe/<str:token>/", notification_settings.unsubscribe, name="unsubscribe"),
    path("settings/profile/", settings.profile, name="edit_profile"),
    path("settings/privacy/", settings.privacy, name="privacy"),
    path("settings/log-ins/<int:pk>/end/", login_sessions.end, name="end_log_in"),
    path("settings/muted-words/", muted_words.index, name="muted_words"),
    path("settings/muted-words/<int:pk>/remove/", muted_words.remove, name="remove_muted_word"),
    path("settings/data/", data_export.index, name="export"),
    path("settings/data/<str:key>/", data_export.download, name="download_export"),
    path("settings/leave/", account_deletion.leave, name="leave"),
    path("leaving/", account_deletion.going, name="going"),
    path("left/", account_deletion.gone, name="gone"),
    path("come-back/", account_deletion.come_back, name="come_back"),
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
