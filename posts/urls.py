from django.urls import path, re_path

from posts.views import feeds, images, marks, messages, parts, post

app_name = "posts"
urlpatterns = [
    path("", feeds.home, name="home"),
    path("home/new/", feeds.new_posts, name="new_posts"),
    path("parts/<slug:place>/", parts.part, name="part"),
    path("explore/", feeds.explore, name="explore"),
    path("search/", feeds.search, name="search"),
    path("tags/<str:name>/", feeds.tag, name="tag"),
    path("messages/", messages.inbox, name="messages"),
    path("messages/requests/", messages.requests, name="message_requests"),
    path("messages/to/<str:handle>/", messages.to, name="message_to"),
    path("messages/<int:pk>/", messages.conversation, name="conversation"),
    path("messages/<int:pk>/accept/", messages.accept, name="accept_conversation"),
    path("messages/<int:pk>/delete/", messages.delete, name="delete_conversation"),
    path("bookmarks/", feeds.bookmarks, name="bookmarks"),
    path("posts/compose/", post.compose, name="compose"),
    path("posts/", post.publish, name="publish"),
    path("posts/images/<int:pk>/", images.image, name="image"),
    path("posts/<int:pk>/edit/", post.edit, name="edit"),
    path("posts/<int:pk>/history/", post.history, name="history"),
    path("posts/<int:pk>/detach/", post.detach, name="detach"),
    path("posts/<int:pk>/", post.show, name="post"),
    path("posts/<int:pk>/reply/", post.reply, name="reply"),
    path("posts/<int:pk>/delete/", post.delete, name="delete"),
    re_path(r"^posts/(?P<pk>\d{1,18})/(?P<what>like|repost|bookmark)/$", marks.mark, name="mark"),
]
