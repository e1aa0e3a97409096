"""A feed that every reader can parse."""

from datetime import UTC, datetime
from xml.etree import ElementTree

from config.rendering.well_formed_feed import WellFormedFeed

ODD = "a\x00\x01\x0b\ufffe\uffff\U0001fffe\u202e & <b> ]]> \U0001f469\u200d\U0001f4bb"
SHOWN = "a  \n & <b> ]]> \U0001f469\u200d\U0001f4bb"


def test_it_leaves_out_what_xml_has_not_and_keeps_the_rest() -> None:
    feed = WellFormedFeed(ODD, "https://parley.example/", ODD, categories=(ODD, ODD))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    feed.add_item(ODD, "https://parley.example/1", ODD, categories=[ODD], pubdate=at)
    channel = ElementTree.fromstring(feed.writeString("utf-8")).find("channel")
    assert channel is not None
    for path in ("title", "description", "category", "item/title", "item/description"):
        assert channel.findtext(path) == SHOWN
    assert channel.findtext("item/pubDate") == "Thu, 01 Jan 2026 00:00:00 +0000"
