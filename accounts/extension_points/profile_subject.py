"""Whose page a request draws: other apps fetch what they have to say of that person along with the
rest of the page.

The view says it first of all, before anything on the page has been asked for; outside a request
nobody is known.
"""

from accounts.models import User
from config.http import request_cache

_KEY = "accounts.subject"


def announce(person: User) -> None:
    request_cache.once(_KEY, lambda: person)


def of_page() -> User | None:
    return request_cache.once(_KEY, _nobody)


def _nobody() -> User | None:
    return None
