"""The outbox: what is written for whom, sent once, tried again, dropped when it is no news any
more.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from py_vapid import Vapid02
from pytest_django import DjangoAssertNumQueries

from accounts.models import Delivery, Notification, NotificationPreferences, User
from accounts.notifications import deliver, notify, preferences
from accounts.notifications.outbox import NotificationEvent, enqueue
from accounts.notifications.preferences import NotificationTopic
from accounts.services import relationships
from posts.services import interactions, messaging, posting
from tests.accounts.outgoing import states, sweep, with_browser
from tests.accounts.people import browser_of, make_follow
from tests.accounts.pushbox import Pushbox

State, Kind = Delivery.State, Notification.Kind


def test_it_shows_a_follower_in_the_browser_encrypted_and_signed(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    assert sweep() == 1
    assert box.notices() == [
        {
            "title": "Budi Santoso followed you",
            "body": "",
            "url": "/@budi/",
            "tag": "follow::",
            "unread": 1,
        },
    ]
    headers, body = box.got[0]
    assert b"Budi" not in body
    assert headers["Content-Encoding"] == "aes128gcm"
    token = re.match(r"vapid t=([\w.-]+),k=([\w-]+)$", headers["Authorization"])
    assert token
    assert Vapid02.verify(headers["Authorization"])
    assert states() == ["sent"]
    assert sweep(timedelta(days=1)) == 0  # Sent once.


def test_it_shows_a_message_once_it_was_let_in_and_not_when_it_is_read(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    messaging.send(budi, maya, "From a stranger")
    assert not Delivery.objects.exists()
    make_follow(maya, budi)
    messaging.send(maya, budi, "Come in")
    first = messaging.send(budi, maya, "Tea at eight?")
    sweep()
    notice = box.notices()[0]
    assert (notice["title"], notice["body"]) == ("Budi Santoso", "Tea at eight?")
    assert notice["url"] == f"/messages/{first.conversation_id}/"
    messaging.send(budi, maya, "Or nine?")
    browser_of(maya).get(notice["url"])
    sweep()
    assert sum("title" in said for said in box.notices()) == 1
    assert states() == ["sent", "dropped", "sent"]  # The last closes the first.


def test_it_does_not_ring_for_somebody_muted(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    make_follow(maya, budi)
    relationships.mute(maya, budi)
    messaging.send(budi, maya, "Are you there?")
    assert not Delivery.objects.exists()
    assert messaging.unread_count(maya) == 1


def test_it_tries_again_as_the_service_asks_and_not_for_ever(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    box.answers += [(429, {"Retry-After": "300"}), *[(500, {})] * 9]
    began = timezone.now()
    deliver.sweep(began)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.due_at - began) == ("waiting", 1, timedelta(seconds=300))
    assert deliver.sweep(began + timedelta(seconds=299)) == 0
    tries = 1
    while row.state == State.WAITING:
        deliver.sweep(row.due_at)
        row.refresh_from_db()
        tries += 1
    assert (row.state, row.attempts, tries) == ("failed", 5, 5)
    assert row.due_at - began < timedelta(hours=2)


def test_it_gives_up_at_once_what_is_refused_for_good(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    box.answers.append((413, {}))
    sweep()
    assert (states(), Delivery.objects.get().error) == (["failed"], "answered 413")


@pytest.mark.parametrize(
    "why", ["taken back", "read", "blocked", "muted", "suspended", "switched off", "stale"]
)
def test_it_drops_what_is_no_news_any_more(maya: User, budi: User, box: Pushbox, why: str) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    later = timedelta()
    match why:
        case "taken back":
            relationships.unfollow(budi, maya)
        case "read":
            notify.mark_read(maya)
        case "blocked":
            relationships.block(maya, budi)
        case "muted":
            relationships.mute(maya, budi)
        case "suspended":
            User.objects.filter(pk=maya.pk).update(is_active=False)
        case "switched off":
            preferences.switch_off(maya, "push")
        case "stale":
            later = timedelta(hours=25)
    sweep(later)
    assert box.got == []
    assert states() == ["dropped"]


def test_it_tells_once_however_often_it_is_done_and_undone(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    preferences.save(maya, {(NotificationTopic.LIKES, "push"): True}, None)
    post = posting.publish(maya, "Hello")
    for _ in range(3):
        interactions.like(budi, post)
        sweep()
        interactions.unlike(budi, post)
    assert len(box.got) == 1


def test_it_waits_for_the_morning(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    now = timezone.now()
    begin, end = (
        (now - timedelta(hours=1)).time().replace(microsecond=0),
        (now + timedelta(hours=2)).time(),
    )
    NotificationPreferences.objects.create(
        user=maya, quiet_from=begin, quiet_until=end.replace(second=0, microsecond=0)
    )
    relationships.follow(budi, maya)
    assert deliver.sweep(now) == 0
    assert deliver.sweep(now + timedelta(hours=2)) == 1
    assert len(box.got) == 1


def test_it_heeds_quiet_hours_that_were_set_after_it_was_written(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    now = timezone.now()
    begin, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=2)).time()
    NotificationPreferences.objects.create(user=maya, quiet_from=begin, quiet_until=end)
    deliver.sweep(now)
    assert (box.got, states()) == ([], ["waiting"])


def test_it_keeps_an_alert_off_the_page_where_that_is_wanted(maya: User, budi: User) -> None:
    preferences.save(maya, {(NotificationTopic.FOLLOWS, "in_app"): False}, None)
    relationships.follow(budi, maya)
    assert notify.unread_count(maya) == 0
    assert notify.alerts_for(maya)[0] == []
    assert Notification.objects.get().is_hidden


def test_it_tells_what_parley_itself_tells_each_time(maya: User, box: Pushbox) -> None:
    with_browser(maya, box)
    for _ in range(2):
        enqueue([maya.pk], NotificationEvent(Kind.SPACE_CHANGED, target=("space", 1)))
    assert Delivery.objects.count() == 2


def test_it_costs_the_same_for_a_thousand_people(
    maya: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create(
        User(handle=f"p{n}", email=f"p{n}@people.example") for n in range(1000)
    )
    ids = list(User.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(20):  # SQLite takes some hundred rows at a time.
        notify.notify(ids, Kind.SPACE_LIVE, maya)


@pytest.mark.django_db(transaction=True)
def test_it_sends_a_whole_batch_beside_each_other(maya: User, budi: User, box: Pushbox) -> None:
    for number in range(6):
        with_browser(maya, box, f"b{number}")
    relationships.follow(budi, maya)
    assert sweep() == 6
    assert len(box.got) == 6


def test_it_forgets_what_is_long_settled(maya: User) -> None:
    now = timezone.now()
    Delivery.objects.create(recipient=maya, channel="email", key="k", kind="follow", due_at=now)
    assert deliver.forget_old(now + timedelta(days=13)) == 0
    assert deliver.forget_old(now + timedelta(days=15)) == 1


# --- read on another device -----------------------------------------------------------------------


def closings(box: Pushbox) -> list[tuple[str, int]]:
    return [(said["close"], said["unread"]) for said in box.notices() if "close" in said]


def test_what_is_read_on_one_device_goes_from_the_others(
    maya: User, budi: User, box: Pushbox
) -> None:
    for name in ("phone", "laptop"):
        with_browser(maya, box, name)
    relationships.follow(budi, maya)
    sweep()
    assert closings(box) == []
    browser_of(maya).get("/alerts/")
    sweep()
    assert closings(box) == [("", 0), ("", 0)]
    browser_of(maya).get("/alerts/")  # Nothing new was read.
    assert sweep() == 0


def test_a_conversation_read_elsewhere_goes_alone(
    maya: User, budi: User, noor: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    for sender in (budi, noor):
        make_follow(maya, sender)
    first = messaging.send(budi, maya, "Tea at eight?")
    messaging.send(noor, maya, "Or coffee?")
    relationships.follow(budi, maya)
    sweep()
    browser_of(maya).get(f"/messages/{first.conversation_id}/")
    sweep()
    # One conversation and one alert are left on the icon.
    assert closings(box) == [(f"conversation:{first.conversation_id}", 2)]


def test_a_message_taken_back_goes_from_the_screen(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    make_follow(maya, budi)
    message = messaging.send(budi, maya, "Oops")
    sweep()
    messaging.take_back(budi, message)
    sweep()
    assert closings(box) == [(f"conversation:{message.conversation_id}", 0)]


def test_a_browser_that_was_shown_nothing_is_told_nothing(
    maya: User, budi: User, box: Pushbox
) -> None:
    relationships.follow(budi, maya)
    with_browser(maya, box)  # Only now.
    sweep()
    browser_of(maya).get("/alerts/")
    assert sweep() == 0 and box.got == []


def test_quiet_hours_do_not_keep_what_was_read_on_the_screen(
    maya: User, budi: User, box: Pushbox
) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    sweep()
    now = timezone.now()
    NotificationPreferences.objects.update_or_create(
        user=maya,
        defaults={
            "quiet_from": (now - timedelta(hours=1)).time(),
            "quiet_until": (now + timedelta(hours=1)).time(),
        },
    )
    browser_of(maya).get("/alerts/")
    sweep()
    assert closings(box) == [("", 0)]


def test_apples_service_gets_no_push_that_shows_nothing(
    maya: User, budi: User, box: Pushbox
) -> None:
    browser = with_browser(maya, box)
    relationships.follow(budi, maya)
    sweep()
    browser.endpoint = "https://web.push.apple.com/abc"
    browser.save()
    browser_of(maya).get("/alerts/")
    assert sweep() == 0


def test_what_was_read_hours_ago_is_not_closed_late(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    sweep()
    browser_of(maya).get("/alerts/")
    sweep(timedelta(hours=5))
    assert closings(box) == [] and states() == ["sent", "dropped"]
