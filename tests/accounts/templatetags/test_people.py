from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from accounts.models import Notification
from accounts.templatetags.people import ALERT_ICONS, ago, browser
from tests.templates.test_sources import SPRITE

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "shown"),
    [
        (timedelta(seconds=-5), "now"),  # Clocks of two web processes differ a little.
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=11), "11 h"),
        (timedelta(hours=25), "Yesterday"),
        (timedelta(days=10), "10 November"),
        (timedelta(days=400), "16 October 2025"),
    ],
)
def test_it_says_how_long_ago_in_few_letters(passed: timedelta, shown: str) -> None:
    with time_machine.travel(NOON, tick=False):
        assert f">{shown}</time>" in ago(NOON - passed)


def test_it_counts_yesterday_in_the_zone_of_the_viewer() -> None:
    with time_machine.travel(datetime(2026, 11, 20, 17, 30, tzinfo=UTC), tick=False):
        # 23:30 on the 19th in Jakarta, where it is the 21st now.
        moment = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)
        with timezone.override("Asia/Jakarta"):
            assert "19 November" in ago(moment)
        assert "Yesterday" in ago(moment)


def test_it_gives_the_whole_time_with_its_zone_as_title() -> None:
    with (
        time_machine.travel(NOON, tick=False),
        timezone.override("Asia/Jakarta"),
        translation.override("en"),
    ):
        assert "(WIB)" in ago(NOON)


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/156.0 Safari/537.36",
            "Chrome · Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit Version/19.0 "
            "Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36 Edg/156.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0",
            "Firefox · Android",
        ),
        ("curl/8", "Unknown browser"),
    ],
)
def test_it_names_a_browser_as_people_do(agent: str, shown: str) -> None:
    assert browser(agent) == shown


def test_it_has_an_icon_of_the_sprite_for_every_kind_of_alert() -> None:
    assert set(ALERT_ICONS) == set(Notification.Kind)
    assert set(ALERT_ICONS.values()) <= SPRITE
