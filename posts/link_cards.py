"""Link cards: what the addresses of this site in a post or message become under it.

A kind of thing declares its cards (`ThingKind.link_cards`). All links of a page go to a kind in one
call, so a page costs one round of queries, however many posts it shows.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from accounts.extension_points import registry
from accounts.extension_points.kinds import LinkCard
from accounts.models import User


def resolve(urls: Iterable[str], viewer: User | None) -> dict[str, LinkCard]:
    """Return the card of each address in `urls` that has one; one call for each kind of thing."""
    # No pattern takes "", which is all that is left of foreign addresses.
    paths = {url: urlsplit(url).path if is_ours(url) else "" for url in urls}
    found: dict[str, LinkCard] = {}
    for kind in registry.kinds():
        if kind.link_cards is None:
            continue
        urls_by_key: dict[str, list[str]] = {}
        for url, path in paths.items():
            match = kind.link_cards.pattern.fullmatch(path)
            if match:
                urls_by_key.setdefault(match[1], []).append(url)
        if not urls_by_key:
            continue
        for key, card in kind.link_cards.resolve(list(urls_by_key), viewer).items():
            found.update(dict.fromkeys(urls_by_key[key], card))
    return found


def is_ours(url: str) -> bool:
    """True if `url` leads to this site.

    A wildcard in ALLOWED_HOSTS does not make all sites ours.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # Not well formed, as "http://[".
        return False
    hosts = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    return bool(host) and validate_host(host, hosts)
