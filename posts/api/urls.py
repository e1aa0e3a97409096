from django.urls import path

from posts.api import conversations, drafts, fleets, message_search, posts, timelines, voice

urlpatterns = [
    path("posts/", posts.PostsView.as_view(), name="api-posts"),
    path("posts/<int:pk>/", posts.PostDetailView.as_view(), name="api-post"),
    path("posts/<int:pk>/replies/", posts.RepliesView.as_view(), name="api-replies"),
    path("posts/<int:pk>/history/", posts.HistoryView.as_view(), name="api-history"),
    path("posts/<int:pk>/vote/", posts.VoteView.as_view(), name="api-vote"),
    path("posts/<int:pk>/detach/", posts.DetachView.as_view(), name="api-detach"),
    path("posts/<int:pk>/like/", posts.LikeView.as_view(), name="api-like"),
    path("posts/<int:pk>/repost/", posts.RepostView.as_view(), name="api-repost"),
    path("posts/<int:pk>/bookmark/", posts.BookmarkView.as_view(), name="api-bookmark"),
    path("drafts/", drafts.DraftsView.as_view(), name="api-drafts"),
    path("drafts/<int:pk>/", drafts.DraftView.as_view(), name="api-draft"),
    path("voice/", voice.VoicesView.as_view(), name="api-voices"),
    path("voice/<int:pk>/", voice.VoiceView.as_view(), name="api-voice"),
    path("fleets/", fleets.FleetsView.as_view(), name="api-fleets"),
    path("fleets/<int:pk>/", fleets.FleetDetailView.as_view(), name="api-fleet"),
    path("fleets/<int:pk>/seen/", fleets.FleetSeenView.as_view(), name="api-fleet-seen"),
    path("fleets/<int:pk>/viewers/", fleets.FleetViewersView.as_view(), name="api-fleet-viewers"),
    path("fleets/<int:pk>/reply/", fleets.FleetReplyView.as_view(), name="api-fleet-reply"),
    path("conversations/", conversations.ConversationsView.as_view(), name="api-conversations"),
    path(
        "conversations/<int:pk>/", conversations.ConversationView.as_view(), name="api-conversation"
    ),
    path("conversations/<int:pk>/accept/", conversations.AcceptView.as_view(), name="api-accept"),
    path(
        "conversations/<int:pk>/read/",
        conversations.ConversationReadView.as_view(),
        name="api-read",
    ),
    path(
        "conversations/<int:pk>/messages/",
        conversations.MessagesView.as_view(),
        name="api-messages",
    ),
    path(
        "conversations/<int:pk>/messages/<int:message_pk>/",
        conversations.MessageView.as_view(),
        name="api-message",
    ),
    path(
        "conversations/<int:pk>/people/<str:handle>/",
        conversations.GroupPersonView.as_view(),
        name="api-group-person",
    ),
    path(
        "messages/search/", message_search.MessageSearchView.as_view(), name="api-search-messages"
    ),
    path("messages/to/<str:handle>/", conversations.WriteToView.as_view(), name="api-write-to"),
    path("timelines/home/", timelines.HomeView.as_view(), name="api-home"),
    path("timelines/public/", timelines.PublicView.as_view(), name="api-public"),
    path("timelines/bookmarks/", timelines.BookmarksView.as_view(), name="api-bookmarks"),
    path("timelines/tags/<str:name>/", timelines.TagView.as_view(), name="api-tag"),
    path(
        "accounts/<str:handle>/posts/", timelines.PersonPostsView.as_view(), name="api-person-posts"
    ),
    path(
        "accounts/<str:handle>/replies/",
        timelines.PersonRepliesView.as_view(),
        name="api-person-replies",
    ),
    path("search/", timelines.SearchView.as_view(), name="api-search"),
]
