"""What tests of the outbox do: give somebody a browser, sweep, look at what became of it."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Delivery, PushSubscription, User
from accounts.notifications import deliver, push
from tests.accounts.people import browser_of
from tests.accounts.pushbox import Pushbox, b64


def with_browser(person: User, box: Pushbox, name: str = "one") -> PushSubscription:
    session = browser_of(person).session.session_key or ""
    return push.subscribe(
        person, session, box.endpoint(f"{person.handle}-{name}"), box.p256dh, b64(box.auth)
    )


def sweep(after: timedelta = timedelta()) -> int:
    return deliver.sweep(timezone.now() + after)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))
