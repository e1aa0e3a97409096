"""Browsers that notices are shown in: how many, whose, and when they are forgotten."""

from accounts.extension_points.kinds import NotificationText
from accounts.models import PushSubscription, User
from accounts.notifications import push
from accounts.services import relationships
from tests.accounts.outgoing import sweep, with_browser
from tests.accounts.pushbox import Pushbox, b64


def test_it_tells_each_browser_and_forgets_the_one_that_is_gone(
    maya: User, budi: User, box: Pushbox
) -> None:
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


def test_it_has_ten_browsers_a_person_and_a_browser_has_one_person(
    maya: User, budi: User, box: Pushbox
) -> None:
    for number in range(12):
        with_browser(maya, box, f"{number}")
    assert PushSubscription.objects.filter(user=maya).count() == 10
    endpoint = box.endpoint("maya-11")
    push.subscribe(budi, "session", endpoint, box.p256dh, b64(box.auth))
    assert PushSubscription.objects.get(endpoint=endpoint).user == budi
    push.unsubscribe(maya, endpoint)
    assert PushSubscription.objects.filter(endpoint=endpoint).exists()


def test_it_cuts_long_words_to_what_a_service_takes() -> None:
    data = push.payload(NotificationText("Maya", "🌋" * 5000, "/messages/1/", "t"), 7)
    assert len(data) <= push.PAYLOAD_BYTES
