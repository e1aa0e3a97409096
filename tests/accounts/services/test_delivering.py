"""The outbox: what is written for whom, sent once, tried again, dropped when it is no news any more."""

import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone
from py_vapid import Vapid02
from pytest_django import DjangoAssertNumQueries

from accounts.models import Delivery, NoticeSettings, Notification, PushSubscription, User
from accounts.services import delivering, notifying, pushing, relationships, wishes
from accounts.services.composing import Note
from accounts.services.outbox import Event, enqueue
from accounts.services.wishes import Topic
from posts.services import interactions, messaging, posting
from tests.accounts.people import browser_of, make_follow
from tests.accounts.pushbox import Pushbox, b64, running_pushbox
from tests.stack.waiting import wait_until

State, Kind = Delivery.State, Notification.Kind


@pytest.fixture(scope="module")
def service() -> Iterator[Pushbox]:
    with running_pushbox() as box:
        yield box


@pytest.fixture
def box(service: Pushbox) -> Pushbox:
    service.got.clear()
    service.answers.clear()
    return service


def with_browser(person: User, box: Pushbox, name: str = "one") -> PushSubscription:
    session = browser_of(person).session.session_key or ""
    return pushing.subscribe(person, session, box.endpoint(f"{person.handle}-{name}"), box.p256dh, b64(box.auth))


def sweep(after: timedelta = timedelta()) -> int:
    return delivering.sweep(timezone.now() + after)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def test_it_shows_a_follower_in_the_browser_encrypted_and_signed(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    assert sweep() == 1
    assert box.notices() == [
        {"title": "Budi Santoso followed you", "body": "", "url": "/@budi/", "tag": "follow::"},
    ]
    headers, body = box.got[0]
    assert b"Budi" not in body
    assert headers["Content-Encoding"] == "aes128gcm"
    token = re.match(r"vapid t=([\w.-]+),k=([\w-]+)$", headers["Authorization"])
    assert token
    assert Vapid02.verify(headers["Authorization"])
    assert states() == ["sent"]
    assert sweep(timedelta(days=1)) == 0  # Sent once.


def test_it_shows_a_message_once_it_was_let_in_and_not_when_it_is_read(maya: User, budi: User, box: Pushbox) -> None:
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
    assert len(box.got) == 1
    assert states() == ["sent", "dropped"]


def test_it_does_not_ring_for_somebody_muted(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    make_follow(maya, budi)
    relationships.mute(maya, budi)
    messaging.send(budi, maya, "Are you there?")
    assert not Delivery.objects.exists()
    assert messaging.unread_count(maya) == 1


def test_it_tells_each_browser_and_forgets_the_one_that_is_gone(maya: User, budi: User, box: Pushbox) -> None:
    for name in ("phone", "desk"):
        with_browser(maya, box, name)
    box.answers += [(410, {}), (201, {})]
    relationships.follow(budi, maya)
    sweep()
    assert len(box.got) == 1
    assert PushSubscription.objects.count() == 1


def test_it_forgets_a_browser_whose_log_in_is_over(maya: User, budi: User, box: Pushbox) -> None:
    subscription = with_browser(maya, box)
    PushSubscription.objects.filter(pk=subscription.pk).update(session_key="gone")
    relationships.follow(budi, maya)
    sweep()
    assert box.got == []
    assert not PushSubscription.objects.exists()


def test_it_tries_again_as_the_service_asks_and_not_for_ever(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    box.answers += [(429, {"Retry-After": "300"}), *[(500, {})] * 9]
    began = timezone.now()
    delivering.sweep(began)
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.due_at - began) == ("waiting", 1, timedelta(seconds=300))
    assert delivering.sweep(began + timedelta(seconds=299)) == 0
    tries = 1
    while row.state == State.WAITING:
        delivering.sweep(row.due_at)
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


@pytest.mark.parametrize("why", ["taken back", "read", "blocked", "muted", "suspended", "switched off", "stale"])
def test_it_drops_what_is_no_news_any_more(maya: User, budi: User, box: Pushbox, why: str) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    later = timedelta()
    match why:
        case "taken back":
            relationships.unfollow(budi, maya)
        case "read":
            notifying.mark_read(maya)
        case "blocked":
            relationships.block(maya, budi)
        case "muted":
            relationships.mute(maya, budi)
        case "suspended":
            User.objects.filter(pk=maya.pk).update(is_active=False)
        case "switched off":
            wishes.switch_off(maya, "push")
        case "stale":
            later = timedelta(hours=25)
    sweep(later)
    assert box.got == []
    assert states() == ["dropped"]


def test_it_tells_once_however_often_it_is_done_and_undone(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    wishes.save(maya, {(Topic.LIKES, "push"): True}, None)
    post = posting.publish(maya, "Hello")
    for _ in range(3):
        interactions.like(budi, post)
        sweep()
        interactions.unlike(budi, post)
    assert len(box.got) == 1


def test_it_waits_for_the_morning(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    now = timezone.now()
    begin, end = (now - timedelta(hours=1)).time().replace(microsecond=0), (now + timedelta(hours=2)).time()
    NoticeSettings.objects.create(user=maya, quiet_from=begin, quiet_until=end.replace(second=0, microsecond=0))
    relationships.follow(budi, maya)
    assert delivering.sweep(now) == 0
    assert delivering.sweep(now + timedelta(hours=2)) == 1
    assert len(box.got) == 1


def test_it_heeds_quiet_hours_that_were_set_after_it_was_written(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    now = timezone.now()
    begin, end = (now - timedelta(hours=1)).time(), (now + timedelta(hours=2)).time()
    NoticeSettings.objects.create(user=maya, quiet_from=begin, quiet_until=end)
    delivering.sweep(now)
    assert (box.got, states()) == ([], ["waiting"])


def test_it_keeps_an_alert_off_the_page_where_that_is_wanted(maya: User, budi: User) -> None:
    wishes.save(maya, {(Topic.FOLLOWS, "in_app"): False}, None)
    relationships.follow(budi, maya)
    assert notifying.unread_count(maya) == 0
    assert notifying.alerts_for(maya)[0] == []
    assert Notification.objects.get().is_hidden


def test_it_mails_a_reminder_at_once_to_who_asked(maya: User, budi: User) -> None:
    for person in (maya, budi):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    wishes.save(maya, {(Topic.SPACES, "email"): True}, None)
    notifying.notify([maya.pk, budi.pk], Kind.SPACE_LIVE)
    sweep()
    assert [letter.to for letter in mail.outbox] == [[maya.email]]
    letter = mail.outbox[0]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in letter.extra_headers["List-Unsubscribe"]
    assert isinstance(letter, mail.EmailMultiAlternatives)
    assert letter.alternatives[0][1] == "text/html"


def test_it_tells_what_parley_itself_tells_each_time(maya: User, box: Pushbox) -> None:
    with_browser(maya, box)
    for _ in range(2):
        enqueue([maya.pk], Event(Kind.SPACE_CHANGED, target=("space", 1)))
    assert Delivery.objects.count() == 2


def test_it_costs_the_same_for_a_thousand_people(
    maya: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create(User(handle=f"p{n}", email=f"p{n}@people.example") for n in range(1000))
    ids = list(User.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(20):  # SQLite takes some hundred rows at a time.
        notifying.notify(ids, Kind.SPACE_LIVE, maya)


# --- killed halfway ----------------------------------------------------------------------------------------------


def test_it_takes_up_what_a_dead_sweep_had_claimed(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    now = timezone.now()
    assert len(delivering._claim(now)) == 1  # … and dies.
    assert delivering.sweep(now + timedelta(seconds=delivering.CLAIM_S - 1)) == 0
    assert delivering.sweep(now + timedelta(seconds=delivering.CLAIM_S + 1)) == 1
    assert len(box.got) == 1


def test_it_lets_a_slow_sweep_change_nothing_of_a_later_one(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    slow = delivering._claim(timezone.now())[0]
    Delivery.objects.update(claim=uuid.uuid4(), state=State.SENT)
    delivering._try_again(slow, timezone.now(), OSError("late"))
    delivering._end(slow, State.FAILED)
    assert states() == ["sent"]


def _count_claims(now: datetime, claimed: list[int], start: threading.Barrier) -> None:
    start.wait()
    while rows := delivering._claim(now):
        claimed += [row.pk for row in rows]
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_it_is_claimed_by_one_of_four_sweeps_each(maya: User) -> None:
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(recipient=maya, channel="email", key=f"k{n}", kind="follow", due_at=now) for n in range(200)
    )
    claimed: list[int] = []
    start = threading.Barrier(4)
    sweeps = [threading.Thread(target=_count_claims, args=(now, claimed, start)) for _ in range(4)]
    for thread in sweeps:
        thread.start()
    for thread in sweeps:
        thread.join()
    assert sorted(claimed) == sorted(Delivery.objects.values_list("pk", flat=True))


SWEEP = """
import django
django.setup()
from django.utils import timezone
from accounts.services import delivering
delivering.sweep(timezone.now())
"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the child finds the test's database by its file")
@pytest.mark.django_db(transaction=True)
def test_it_goes_out_though_the_worker_is_killed_while_it_sends(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    box.gate.clear()
    box.arrived.clear()
    name = str(connection.settings_dict["NAME"])
    known = {"DATABASE_URL": f"sqlite:///{name}", "DJANGO_SETTINGS_MODULE": "config.settings", "PARLEY_MODE": "test"}
    child = subprocess.Popen([sys.executable, "-c", SWEEP], env={**os.environ, **known})
    try:
        assert box.arrived.wait(30), "the worker sends"
    finally:
        child.kill()
        child.wait()
        box.gate.set()
    wait_until(lambda: box.got, "the service is done with the first copy")
    assert (states(), sweep()) == (["waiting"], 0)  # Claimed by a dead one.
    assert sweep(timedelta(seconds=delivering.CLAIM_S + 5)) == 1
    assert (states(), len({notice["tag"] for notice in box.notices()}), len(box.got)) == (["sent"], 1, 2)


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
    assert delivering.forget_old(now + timedelta(days=13)) == 0
    assert delivering.forget_old(now + timedelta(days=15)) == 1


# --- browsers ----------------------------------------------------------------------------------------------------


def test_it_has_ten_browsers_a_person_and_a_browser_has_one_person(maya: User, budi: User, box: Pushbox) -> None:
    for number in range(12):
        with_browser(maya, box, f"{number}")
    assert PushSubscription.objects.filter(user=maya).count() == 10
    endpoint = box.endpoint("maya-11")
    pushing.subscribe(budi, "session", endpoint, box.p256dh, b64(box.auth))
    assert PushSubscription.objects.get(endpoint=endpoint).user == budi
    pushing.unsubscribe(maya, endpoint)
    assert PushSubscription.objects.filter(endpoint=endpoint).exists()


def test_it_cuts_long_words_to_what_a_service_takes() -> None:
    data = pushing.payload(Note("Maya", "🌋" * 5000, "/messages/1/", "t"))
    assert len(data) <= pushing.PAYLOAD_BYTES


def test_it_sweeps_alone_and_lets_the_next_one_in(maya: User, budi: User, box: Pushbox) -> None:
    with_browser(maya, box)
    relationships.follow(budi, maya)
    cache.add("delivering", 1, 60)
    assert delivering.sweep_alone(timezone.now()) == 0
    cache.delete("delivering")
    assert delivering.sweep_alone(timezone.now()) == 1
    assert cache.get("delivering") is None


def test_it_mails_nothing_to_an_address_that_nobody_proved(maya: User) -> None:
    wishes.save(maya, {(Topic.SPACES, "email"): True}, None)
    notifying.notify([maya.pk], Kind.SPACE_LIVE)
    sweep()
    assert (mail.outbox, states()) == ([], ["dropped"])
