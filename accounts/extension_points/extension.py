"""What an app adds to the pages, sockets and rules of accounts.

Each app declares one `EXTENSION` in `<app>/extension.py` and registers it in AppConfig.ready().
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.extension_points.avatar_rings import Ring
from accounts.extension_points.kinds import ThingKind
from accounts.extension_points.profile_tabs import Tab
from accounts.models import User
from accounts.realtime.news import News

PageMessageHandler = Callable[[User, Any], None]  # Any: each takes its own class of message.


@dataclass(frozen=True)
class Extension:
    """No field has a default; what does not apply is `()`, `{}` or None.

    `unread_counts`: numbers at the tabs. A socket sends each when it opens and after
    `page_hints.recount(…, name)`.
    `recent_news`: what some users should have been told since a time: the hints, and what their
    numbers are made of. Asked every few seconds for all who are connected, so it has to be cheap.
    `page_messages`: what is done about a page's messages on the person socket, by their `type`
    (`accounts.realtime.messages` declares them). The handler runs in a thread.
    `live_rings`: the room of each user on stage, the same for all viewers: {user id: address}.
    `viewer_rings`: the other rings that a viewer sees, by user id.
    `on_suspended`: the account is away since the last commit; what is no request ends now. Also
    called for accounts that are being deleted. An error is logged; the other apps
    are called all the same.
    `on_accounts_changed`: others see something else of these users since the last commit
    (`accounts.account_changes`): what shows them live says so. An error is logged.
    `on_deletion_asked`: while the account is still active; what others would go on seeing ends.
    `on_emptying`: before the row goes; what a cascade would not count or could not hold in one go.
    Both may run twice.
    """

    app: str  # The label of the app, as in INSTALLED_APPS.
    kinds: tuple[ThingKind, ...]
    profile_tabs: tuple[Tab, ...]
    unread_counts: Mapping[str, Callable[[User], int]]
    recent_news: Callable[[Collection[int], datetime], Iterable[News]] | None
    page_messages: Mapping[str, PageMessageHandler]
    # Without a viewer, so that one answer is kept for all pages (services/avatar_rings.py).
    live_rings: Callable[[], dict[int, str]] | None
    viewer_rings: Callable[[User | None], dict[int, Ring]] | None
    # A field and not a signal: an app that holds something live must not be able to forget it
    # (config/decisions/0026-kinds.md).
    on_suspended: Callable[[User], None] | None
    on_accounts_changed: Callable[[Collection[int]], None] | None
    on_deletion_asked: Callable[[User], None] | None
    on_emptying: Callable[[User], None] | None
