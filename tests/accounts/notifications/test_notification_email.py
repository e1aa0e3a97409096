"""Notices by mail, to addresses that somebody proved."""

from allauth.account.models import EmailAddress
from django.core import mail

from accounts.models import Notification, User
from accounts.notifications import notify, preferences
from accounts.notifications.preferences import NotificationTopic
from tests.accounts.outgoing import states, sweep

Kind = Notification.Kind


def test_it_mails_a_reminder_at_once_to_who_asked(maya: User, budi: User) -> None:
    for person in (maya, budi):
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    preferences.save(maya, {(NotificationTopic.SPACES, "email"): True}, None)
    notify.notify([maya.pk, budi.pk], Kind.SPACE_LIVE)
    sweep()
    assert [letter.to for letter in mail.outbox] == [[maya.email]]
    letter = mail.outbox[0]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/unsubscribe/" in letter.extra_headers["List-Unsubscribe"]
    assert isinstance(letter, mail.EmailMultiAlternatives)
    assert letter.alternatives[0][1] == "text/html"


def test_it_mails_nothing_to_an_address_that_nobody_proved(maya: User) -> None:
    preferences.save(maya, {(NotificationTopic.SPACES, "email"): True}, None)
    notify.notify([maya.pk], Kind.SPACE_LIVE)
    sweep()
    assert (mail.outbox, states()) == ([], ["dropped"])
