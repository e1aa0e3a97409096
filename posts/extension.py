"""What posts brings to profiles, sockets and accounts."""

from accounts.extension_points.extension import Extension
from posts import account_deletion, profile_tabs
from posts.kinds.fleet import FLEET
from posts.kinds.message import MESSAGE
from posts.kinds.post import POST
from posts.services import conversation_events, fleet_row, messaging, recent_news

EXTENSION = Extension(
    app="posts",
    kinds=(POST, FLEET, MESSAGE),
    profile_tabs=profile_tabs.TABS,
    unread_counts={"messages": messaging.unread_count},
    recent_news=recent_news.recent_news,
    page_messages={"typing": conversation_events.on_typing},
    live_rings=None,
    viewer_rings=fleet_row.rings,
    on_suspended=None,
    on_accounts_changed=None,  # Pages of posts are drawn anew when they are opened.
    on_deletion_asked=None,
    on_emptying=account_deletion.empty,
)
