from django.urls import path

from posts.api import posts, timelines

urlpatterns = [
    path("posts/", posts.PostsView.as_view(), name="api-posts"),
    path("posts/<int:pk>/", posts.PostDetailView.as_view(), name="api-post"),
    path("posts/<int:pk>/replies/", posts.RepliesView.as_view(), name="api-replies"),
    path("posts/<int:pk>/like/", posts.LikeView.as_view(), name="api-like"),
    path("posts/<int:pk>/repost/", posts.RepostView.as_view(), name="api-repost"),
    path("posts/<int:pk>/bookmark/", posts.BookmarkView.as_view(), name="api-bookmark"),
    path("timelines/home/", timelines.HomeView.as_view(), name="api-home"),
    path("timelines/public/", timelines.PublicView.as_view(), name="api-public"),
    path("timelines/bookmarks/", timelines.BookmarksView.as_view(), name="api-bookmarks"),
    path("timelines/tags/<str:name>/", timelines.TagView.as_view(), name="api-tag"),
    path("accounts/<str:handle>/posts/", timelines.PersonView.as_view(), name="api-person-posts"),
    path("accounts/<str:handle>/replies/", timelines.PersonRepliesView.as_view(), name="api-person-replies"),
    path("search/", timelines.SearchView.as_view(), name="api-search"),
]
