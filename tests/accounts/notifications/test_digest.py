"""The daily letter: in the morning where one is, once, with what one has not seen, and none when
there is nothing.
"""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import Delivery, Notification, User
from accounts.notifications import deliver, digest, email, notify, preferences
from accounts.notifications.preferences import NotificationTopic
from accounts.services import relationships
from posts.services import interactions, posting

MORNING = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)


@pytest.fixture
def reader(maya: User) -> User:
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    return maya


def follow(follower: User, person: User, at: datetime = MORNING - timedelta(hours=3)) -> None:
    relationships.follow(follower, person)
    Notification.objects.filter(actor=follower, recipient=person).update(created_at=at)


def html_of(letter: mail.EmailMessage) -> str:
    assert isinstance(letter, mail.EmailMultiAlternatives)
    return str(letter.alternatives[0][0])


def letters(now: datetime = MORNING) -> list[str]:
    """Let a morning pass; return what was mailed in it."""
    mail.outbox.clear()
    digest.plan(now)
    Delivery.objects.update(created_at=now)
    deliver.sweep(now)
    return [str(letter.body) for letter in mail.outbox]


def test_it_tells_in_text_and_html_what_was_missed(reader: User, budi: User, noor: User) -> None:
    follow(budi, reader)
    follow(noor, reader)
    (body,) = letters()
    letter = mail.outbox[0]
    assert letter.subject == "1 thing you missed"
    assert "Noor Aziz and 1 other followed you" in body
    assert "http://localhost:8000/@noor/" in body
    html = html_of(letter)
    assert '<a href="http://localhost:8000/@noor/">' in html
    # Read from the mail: a link made here may be signed a second later.
    url = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert email.user_of(url.rstrip("/").rpartition("/")[2]) == reader
    assert url in body
    assert url in html
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_it_escapes_what_people_wrote(reader: User, budi: User) -> None:
    post = posting.publish(reader, "Hello")
    posting.publish(budi, "<script>alert(1)</script>", reply_to=post)
    Notification.objects.update(created_at=MORNING - timedelta(hours=1))
    letters()
    assert "<script>" not in html_of(mail.outbox[0])


def test_it_comes_once_a_day_and_tells_nothing_twice(reader: User, budi: User, noor: User) -> None:
    follow(budi, reader)
    assert len(letters()) == 1
    assert letters(MORNING + timedelta(minutes=5)) == []
    assert letters(MORNING + timedelta(days=1)) == []  # Nothing new.
    follow(noor, reader, MORNING + timedelta(days=1, hours=3))
    (body,) = letters(MORNING + timedelta(days=2))
    assert "Noor" in body
    assert "Budi" not in body


@pytest.mark.parametrize(
    ("zone", "now", "comes"),
    [
        ("UTC", "2026-11-22T07:59:00+00:00", False),
        ("UTC", "2026-11-22T08:00:00+00:00", True),
        ("UTC", "2026-11-22T11:59:00+00:00", True),  # The worker was down for a while.
        ("UTC", "2026-11-22T12:00:00+00:00", False),
        ("Asia/Jakarta", "2026-11-22T01:30:00+00:00", True),
        ("Asia/Jakarta", "2026-11-22T08:30:00+00:00", False),
        ("America/New_York", "2026-11-22T13:30:00+00:00", True),
    ],
)
def test_it_comes_in_the_morning_where_one_is(
    reader: User, budi: User, zone: str, now: str, comes: bool
) -> None:
    User.objects.filter(pk=reader.pk).update(time_zone=zone)
    when = datetime.fromisoformat(now)
    follow(budi, reader, when - timedelta(hours=9))
    assert bool(letters(when)) == comes


@pytest.mark.parametrize(
    "why", ["read", "unproved", "suspended", "switched off", "after the morning", "old", "reminder"]
)
def test_it_does_not_come(reader: User, budi: User, why: str) -> None:
    follow(budi, reader)
    match why:
        case "read":
            notify.mark_read(reader)
        case "unproved":
            EmailAddress.objects.update(verified=False)
        case "suspended":
            User.objects.filter(pk=reader.pk).update(is_active=False)
        case "switched off":
            preferences.switch_off(reader, "email")
        case "after the morning":
            Notification.objects.update(created_at=MORNING)
        case "old":
            Notification.objects.update(created_at=MORNING - timedelta(days=8))
        case "reminder":
            Notification.objects.update(kind="space_live")
    assert letters() == []


def test_it_does_not_come_when_all_was_read_meanwhile(reader: User, budi: User) -> None:
    follow(budi, reader)
    digest.plan(MORNING)
    notify.mark_read(reader)
    deliver.sweep(MORNING)
    assert (mail.outbox, Delivery.objects.get().state) == ([], "dropped")


def test_it_tells_by_mail_what_is_kept_off_the_page(reader: User, budi: User) -> None:
    preferences.save(
        reader,
        {(NotificationTopic.LIKES, "in_app"): False, (NotificationTopic.LIKES, "email"): True},
        None,
    )
    interactions.like(budi, posting.publish(reader, "Hello"))
    Notification.objects.update(created_at=MORNING - timedelta(hours=1))
    assert "liked your post" in letters()[0]


def test_it_is_tried_again_when_the_mail_server_is_down(
    reader: User, budi: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(budi, reader)
    with monkeypatch.context() as broken:
        broken.setattr("accounts.notifications.email.EmailMultiAlternatives.send", _refuse)
        assert letters() == []
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    deliver.sweep(row.due_at)
    assert len(mail.outbox) == 1
    assert "delivery-" in mail.outbox[0].extra_headers["Message-ID"]


def _refuse(letter: object) -> None:
    raise ConnectionRefusedError("no mail server")
