"""Web push: which browsers of a person take it, and sending one notice to one of them, encrypted
for it alone.
"""

import base64
import json
import time
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from pywebpush import WebPusher, WebPushException

from accounts.extension_points.kinds import NotificationText
from accounts.models import PushSubscription, User
from accounts.notifications import push_endpoints, vapid

BROWSERS = 10  # Of one person; the oldest makes room.
LIFE_S = 4 * 3600  # How long a push service keeps it for a browser that is off.
PAYLOAD_BYTES = 3000  # RFC 8291 §4 leaves 3993 of the 4096 that every service takes.


class Gone(Exception):
    """The browser has unsubscribed, or its log-in is over."""


class Later(Exception):
    """It did not work now. `after_s` is what the service asks for, 0 if nothing."""

    def __init__(self, reason: str, after_s: int = 0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Never(Exception):
    """The service refuses this for good."""


@transaction.atomic
def subscribe(
    person: User, session_key: str, endpoint: str, p256dh: str, auth: str, user_agent: str = ""
) -> PushSubscription:
    """Remember a browser, or renew what is known of it; it belongs to who is logged in there now.

    Raises ValidationError for keys that are none and an address that is no push service.
    """
    if _size_of(p256dh) != 65 or _size_of(auth) != 16:
        raise ValidationError(
            _("Your browser sent something we do not understand."), code="bad_keys"
        )
    try:
        push_endpoints.check(endpoint)
    except push_endpoints.BadEndpoint as error:
        raise ValidationError(
            _("Your browser’s push service is not one we can use."), code="bad_endpoint"
        ) from error
    found, _created = PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={
            "user": person,
            "session_key": session_key,
            "p256dh": p256dh,
            "auth": auth,
            "user_agent": user_agent[:300],
        },
    )
    kept = PushSubscription.objects.filter(user=person).order_by("-pk").values("pk")[:BROWSERS]
    PushSubscription.objects.filter(user=person).exclude(
        pk__in=list(kept.values_list("pk", flat=True))
    ).delete()
    return found


def unsubscribe(person: User, endpoint: str) -> None:
    PushSubscription.objects.filter(user=person, endpoint=endpoint).delete()


def _size_of(text: str) -> int:
    """Return how many bytes the base64url text holds; -1 if it is none."""
    if len(text) > 100:
        return -1
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except ValueError:
        return -1


def send(subscription: PushSubscription, note: NotificationText, *, is_urgent: bool) -> None:
    """Send one notice. Raises Gone, Later or Never."""
    keys = {
        "endpoint": subscription.endpoint,
        "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth},
    }
    try:
        body = WebPusher(keys).encode(payload(note), content_encoding="aes128gcm")["body"]
    except (WebPushException, ValueError, KeyError) as error:
        raise Gone(str(error)) from error
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LIFE_S),
        "Urgency": "high" if is_urgent else "normal",
        **vapid.headers_for(subscription.endpoint, int(time.time())),
    }
    try:
        answer = push_endpoints.post(subscription.endpoint, body, headers)
    except push_endpoints.BadEndpoint as error:
        # A name server in trouble says the same as one that knows no such name.
        raise Later(str(error)) from error
    except OSError as error:
        raise Later(f"{type(error).__name__}: {error}") from error
    _judge(answer)


def _judge(answer: push_endpoints.PushResponse) -> None:
    if 200 <= answer.status < 300:
        return
    if answer.status in {404, 410}:
        raise Gone(str(answer.status))
    if answer.status == 429 or answer.status >= 500:
        raise Later(f"answered {answer.status}", answer.retry_after_s)
    raise Never(f"answered {answer.status}")


def payload(note: NotificationText) -> bytes:
    """Return what `static/js/service_worker.js` reads; long words are cut rather than refused."""
    fields = asdict(note)
    while len(data := json.dumps(fields, ensure_ascii=False).encode()) > PAYLOAD_BYTES:
        fields["body"] = fields["body"][: len(fields["body"]) * 2 // 3]
        if not fields["body"]:
            raise ValueError("A notice must have a short title.")
    return data
