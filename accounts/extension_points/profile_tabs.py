"""The tabs of a profile; each app declares its own (`Extension.profile_tabs`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.models import User


@dataclass(frozen=True)
class Content:
    """What stands under the tab: a template of the app that owns it, and what it needs.

    `page_template` draws the further pages that htmx asks for with `?after=`.
    """

    template: str
    page_template: str
    context: Mapping[str, object]


@dataclass(frozen=True)
class Tab:
    """`slug` is the end of its address; "" opens first. `order` is its place among all tabs.

    `build` takes whose profile it is, the viewer, and the raw `after` of the address.
    """

    slug: str
    label: str | Promise  # A lazy translation: tabs are declared before any viewer has a language.
    order: int  # In tens, so that those of other apps fit between.
    build: Callable[[User, User | None, str], Content]
