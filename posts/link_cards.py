"""The registry of link cards: an app says how an address of its own becomes a card under a post.

`spaces` registers `/spaces/<id>/` in its AppConfig.ready(); posts never knows what a Space is:

    cards.register(re.compile(r"/spaces/(\\d+)/"), cards_of_spaces)

All links of a page go to the resolver in one call, so a page costs one round of queries, however
many posts it shows.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from accounts.models import User


@dataclass(frozen=True)
class Card:
    """What is drawn under a post: a template of the app that owns the link, and what it needs.

    The template is included with `context` and the request; it must not query.
    """

    template: str
    context: Mapping[str, object] = field(default_factory=dict)


# Takes what group 1 of the pattern held for every link of the page, returns a card for each that
# the viewer may see.
Resolver = Callable[[list[str], User | None], dict[str, Card]]

_registry: dict[re.Pattern[str], Resolver] = {}


def register(pattern: re.Pattern[str], resolve: Resolver) -> None:
    """Let `resolve` make cards of links whose whole path matches `pattern`; group 1 is the key."""
    _registry[pattern] = resolve


def unregister(pattern: re.Pattern[str]) -> None:
    _registry.pop(pattern, None)


def resolve(urls: Iterable[str], viewer: User | None) -> dict[str, Card]:
    """Return the card of each address in `urls` that has one; one call for each pattern."""
    wanted: dict[re.Pattern[str], dict[str, list[str]]] = {}
    for url in urls:
        for pattern, key in _matches(url):
            wanted.setdefault(pattern, {}).setdefault(key, []).append(url)
    found: dict[str, Card] = {}
    for pattern, urls_by_key in wanted.items():
        for key, card in _registry[pattern](list(urls_by_key), viewer).items():
            found.update(dict.fromkeys(urls_by_key.get(key, []), card))
    return found


def is_ours(url: str) -> bool:
    """True if `url` leads to this site. A wildcard in ALLOWED_HOSTS does not make every site ours."""
    host = urlsplit(url).hostname or ""
    hosts = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    return bool(host) and validate_host(host, hosts)


def _matches(url: str) -> list[tuple[re.Pattern[str], str]]:
    try:
        if not is_ours(url):
            return []
        path = urlsplit(url).path
    except ValueError:  # "http://[" is a link to linkify and an error to urlsplit.
        return []
    pairs = ((pattern, pattern.fullmatch(path)) for pattern in _registry)
    return [(pattern, match[1]) for pattern, match in pairs if match]
