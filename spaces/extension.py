"""What spaces brings to accounts (`EXTENSION`) and to the pages of posts (`PAGE_SLOTS`)."""

from accounts.extension_points.extension import Extension
from posts.page_slots import PageSlots
from spaces.kinds import CLIP, SPACE
from spaces.services import account_deletion, changes_elsewhere, staff_actions
from spaces.views import page_slots, profile_tab

EXTENSION = Extension(
    app="spaces",
    kinds=(SPACE, CLIP),
    profile_tabs=(profile_tab.TAB,),
    unread_counts={},  # The number at the tab is `nav_badge` below.
    recent_news=None,
    page_messages={},  # A room has a socket of its own.
    live_rings=page_slots.live_rings,
    viewer_rings=None,  # Whose room is live is the same for all viewers.
    on_suspended=staff_actions.on_suspended,
    on_accounts_changed=changes_elsewhere.on_accounts_changed,
    on_deletion_asked=account_deletion.leave,
    on_emptying=None,  # The cascade takes all rows; `leave` has ended the rooms before.
)

PAGE_SLOTS = PageSlots(
    live_now=page_slots.live_now,
    shelf=page_slots.shelf,
    profile=page_slots.profile,
    nav_badge=page_slots.nav_badge,
    search_results=page_slots.search_results,
)
