"""Whose profile a request draws.

Parts of the page that other apps fill then read what they say of this person along with the rest,
in one query. The view announces it before anything of the page is built.
"""

from accounts.models import User
from config.http import request_cache

_KEY = "accounts.subject"


def announce(person: User) -> None:
    request_cache.once(_KEY, lambda: person)


def of_page() -> User | None:
    """Return the person; None on other pages and outside a request."""
    # The first answer stays for the request: asking before `announce` would make it None.
    return request_cache.once(_KEY, lambda: None)
