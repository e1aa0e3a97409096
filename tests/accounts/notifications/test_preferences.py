"""Switches that stand where nobody touched them, and the quiet hours as a table."""

import re
from datetime import UTC, datetime, time

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import Delivery, Notification, NotificationPreferences, User
from accounts.notifications import notify, preferences
from accounts.notifications.digest import DigestLine
from accounts.notifications.preferences import DEFAULT, NotificationTopic, Preferences
from accounts.notifications.text import compose
from config.env import ROOT
from tests.accounts.people import browser_of

Kind = Notification.Kind
APPS = ("accounts", "posts", "spaces")

NIGHT = (time(22), time(7))
SIESTA = (time(13), time(15, 30))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "hours", "now", "ends"),
    [
        ("UTC", NIGHT, "2026-11-21T21:59:59+00:00", None),
        ("UTC", NIGHT, "2026-11-21T22:00:00+00:00", "2026-11-22T07:00:00+00:00"),
        ("UTC", NIGHT, "2026-11-22T06:59:59+00:00", "2026-11-22T07:00:00+00:00"),
        ("UTC", NIGHT, "2026-11-22T07:00:00+00:00", None),
        ("UTC", SIESTA, "2026-11-21T12:59:00+00:00", None),
        ("UTC", SIESTA, "2026-11-21T13:00:00+00:00", "2026-11-21T15:30:00+00:00"),
        ("UTC", SIESTA, "2026-11-21T15:30:00+00:00", None),
        ("UTC", (time(8), time(8)), "2026-11-21T08:00:00+00:00", None),
        # 22:30 there.
        ("Asia/Jakarta", NIGHT, "2026-11-21T15:30:00+00:00", "2026-11-22T00:00:00+00:00"),
        # 05:30 there.
        ("Asia/Jakarta", NIGHT, "2026-11-21T22:30:00+00:00", "2026-11-22T00:00:00+00:00"),
        ("Asia/Jakarta", NIGHT, "2026-11-21T12:00:00+00:00", None),
        # Berlin, the night to 29 March 2026: 02:00 becomes 03:00, so the night is an hour shorter.
        ("Europe/Berlin", NIGHT, "2026-03-28T23:00:00+01:00", "2026-03-29T07:00:00+02:00"),
        # … and to 25 October 2026: 03:00 becomes 02:00 again.
        ("Europe/Berlin", NIGHT, "2026-10-24T23:00:00+02:00", "2026-10-25T07:00:00+01:00"),
        (
            "Europe/Berlin",
            (time(22), time(2, 30)),
            "2026-03-28T23:00:00+01:00",
            "2026-03-29T03:30:00+02:00",
        ),  # Skipped.
        # Twice.
        (
            "Europe/Berlin",
            (time(22), time(2, 30)),
            "2026-10-24T23:00:00+02:00",
            "2026-10-25T02:30:00+02:00",
        ),
        ("America/New_York", NIGHT, "2026-11-01T00:30:00-04:00", "2026-11-01T07:00:00-05:00"),
        ("Australia/Lord_Howe", NIGHT, "2026-10-03T23:00:00+10:30", "2026-10-04T07:00:00+11:00"),
        # As in UTC.
        ("Nowhere/Atlantis", NIGHT, "2026-11-21T23:00:00+00:00", "2026-11-22T07:00:00+00:00"),
    ],
)
def test_it_knows_when_the_quiet_hours_end(
    zone: str, hours: tuple[time, time], now: str, ends: str | None
) -> None:
    chosen = Preferences(quiet_from=hours[0], quiet_until=hours[1], zone=zone)
    assert chosen.end_of_quiet_hours(moment(now)) == (moment(ends) if ends else None)


def test_it_is_never_quiet_for_who_did_not_ask() -> None:
    assert DEFAULT.end_of_quiet_hours(moment("2026-11-21T03:00:00+00:00")) is None


def test_it_has_a_topic_for_every_kind() -> None:
    assert set(preferences.TOPICS) - {preferences.MESSAGE, preferences.DIGEST} == set(Kind)
    assert set(preferences.TOPICS.values()) == set(NotificationTopic)


def test_it_finds_the_kinds_of_a_topic() -> None:
    assert preferences.kinds_of([NotificationTopic.LIKES]) == {"like", "repost"}


@pytest.mark.parametrize("kind", Kind)
def test_it_has_a_sentence_for_every_kind(kind: Kind, maya: User, budi: User) -> None:
    notify.notify([maya.pk], kind, budi)
    assert str(kind.label) in browser_of(maya).get(reverse("accounts:alerts")).text
    Notification.objects.update(read_at=None)  # Looking has read it.
    [alert] = notify.alerts_for(maya)[0]
    assert DigestLine.of(alert).title == f"Budi Santoso {kind.label}"
    pushed = compose(Delivery(recipient=maya, actor=budi, kind=kind))
    assert pushed
    assert pushed.title == f"Budi Santoso {kind.label}"


def test_every_kind_is_told_by_a_service() -> None:
    services = [path for app in APPS for path in (ROOT / app / "services").rglob("*.py")]
    services += (ROOT / "accounts" / "moderation").rglob("*.py")
    source = "\n".join(path.read_text() for path in services)
    told = set(re.findall(r"\bNotification\.Kind\.([A-Z_]+)", source))
    assert told == {kind.name for kind in Kind}


@pytest.mark.parametrize("kind", Kind)
def test_it_says_every_kind_in_indonesian(kind: Kind) -> None:
    english = str(kind.label)
    with translation.override("id"):
        assert str(kind.label) != english


def test_it_stores_only_what_differs_and_leaves_fixed_ones(maya: User) -> None:
    switches = {
        (topic, way): DEFAULT.wants(topic, way)
        for topic in NotificationTopic
        for way in preferences.WAYS
    }
    switches |= {
        (NotificationTopic.LIKES, "push"): True,
        (NotificationTopic.REPLIES, "email"): False,
        (NotificationTopic.NOTICES, "in_app"): False,
    }
    preferences.save(maya, switches, NIGHT)
    assert NotificationPreferences.objects.get().changed == {
        "likes.push": True,
        "replies.email": False,
    }
    chosen = preferences.of_user(maya)
    assert chosen.wants(NotificationTopic.LIKES, "push")
    assert not chosen.wants(NotificationTopic.REPLIES, "email")
    assert chosen.wants(NotificationTopic.NOTICES, "in_app")
    assert (chosen.quiet_from, chosen.quiet_until) == NIGHT


def test_it_switches_off_one_way_alone(maya: User) -> None:
    preferences.switch_off(maya, "email")
    chosen = preferences.of_user(maya)
    assert chosen.wanting("email") == set()
    assert NotificationTopic.REPLIES in chosen.wanting("push")
