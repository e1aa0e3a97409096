from django.urls import path

from accounts.api import notifications, people, settings, tokens

urlpatterns = [
    path("auth/token/", tokens.TokenView.as_view(), name="api-token"),
    path("accounts/me/", people.OwnAccountView.as_view(), name="api-me"),
    path("accounts/<str:handle>/", people.AccountView.as_view(), name="api-account"),
    path(
        "accounts/<str:handle>/followers/",
        people.PeopleListView.as_view(side="followers"),
        name="api-followers",
    ),
    path(
        "accounts/<str:handle>/following/",
        people.PeopleListView.as_view(side="following"),
        name="api-following",
    ),
    path("accounts/<str:handle>/follow/", people.FollowView.as_view(), name="api-follow"),
    path("accounts/<str:handle>/block/", people.BlockView.as_view(), name="api-block"),
    path("accounts/<str:handle>/mute/", people.MuteView.as_view(), name="api-mute"),
    path("blocks/", settings.HiddenView.as_view(by="blocks_received__blocker"), name="api-blocks"),
    path("mutes/", settings.HiddenView.as_view(by="mutes_received__muter"), name="api-mutes"),
    path("followers/<str:handle>/", settings.FollowerView.as_view(), name="api-follower"),
    path("muted-words/", settings.MutedWordsView.as_view(), name="api-muted-words"),
    path("muted-words/<int:pk>/", settings.MutedWordView.as_view(), name="api-muted-word"),
    path("reports/", settings.ReportsView.as_view(), name="api-reports"),
    path("follow-requests/", people.FollowRequestsView.as_view(), name="api-follow-requests"),
    path(
        "follow-requests/<str:handle>/",
        people.FollowRequestView.as_view(),
        name="api-follow-request",
    ),
    path("notifications/", notifications.NotificationsView.as_view(), name="api-notifications"),
    path("notifications/read/", notifications.ReadView.as_view(), name="api-notifications-read"),
]
