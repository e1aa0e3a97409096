"""What accounts brings to its own pages and sockets."""

from accounts.extension_points.extension import Extension
from accounts.kinds import DECISION, PERSON
from accounts.notifications import notify

EXTENSION = Extension(
    app="accounts",
    kinds=(PERSON, DECISION),
    profile_tabs=(),
    unread_counts={"alerts": notify.unread_count},
    recent_news=notify.recent_news,
    page_messages={},
    live_rings=None,
    viewer_rings=None,
    on_suspended=None,
    on_accounts_changed=None,
    on_deletion_asked=None,
    on_emptying=None,
)
