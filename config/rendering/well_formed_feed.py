"""RSS that every reader can parse, whatever stands in the database."""

from typing import Any

from django.utils.feedgenerator import Rss201rev2Feed

from config.text import lines


class WellFormedFeed(Rss201rev2Feed):
    """Django's feed, of characters that XML 1.0 has (§2.2).

    Rows may be older than the rule for people's words. Django refuses control characters with an
    error, and writes U+FFFF as it is, which no parser reads.
    """

    # Any: Django's signature.
    def write(self, outfile: Any, encoding: str) -> None:
        self.feed = _cleaned(self.feed)
        self.items = _cleaned(self.items)
        super().write(outfile, encoding)


# Any: what Django keeps of a feed, texts and lists of them among it.
def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return lines(value)
    if isinstance(value, list):
        return [_cleaned(one) for one in value]
    if isinstance(value, dict):
        return {name: _cleaned(one) for name, one in value.items()}
    return value
