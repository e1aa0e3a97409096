"""The registry of a profile's tabs. posts and spaces bring theirs in AppConfig.ready(), in this
order on the page:

tabs.register(Tab("replies", _("Replies"), replies_tab), order=20)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

from accounts.models import User


@dataclass(frozen=True)
class Content:
    """What stands under the tab: a template of the app that owns it, and what it needs.

    `page_template` draws the further pages that htmx asks for with `?after=`.
    """

    template: str
    page_template: str
    context: Mapping[str, object] = field(default_factory=dict)


# (whose profile, who looks, the raw `after` of the address) -> content
Builder = Callable[[User, User | None, str], Content]


@dataclass(frozen=True)
class Tab:
    slug: str  # "" is the tab that opens first.
    label: str | Promise
    build: Builder


_registry: dict[str, tuple[int, Tab]] = {}


def register(tab: Tab, order: int) -> None:
    _registry[tab.slug] = (order, tab)


def all_tabs() -> list[Tab]:
    return [tab for _order, tab in sorted(_registry.values(), key=lambda pair: pair[0])]


def find(slug: str) -> Tab | None:
    entry = _registry.get(slug)
    return entry[1] if entry else None
