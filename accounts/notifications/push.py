"""Web push: which browsers of a user take it, and sending to one of them (RFC 8030, 8291)."""

import base64
import json
import time
from dataclasses import asdict
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from pywebpush import WebPusher, WebPushException

from accounts.extension_points.kinds import NotificationText
from accounts.models import PushSubscription, User
from accounts.notifications import push_endpoints, push_hosts, vapid

BROWSERS = 10  # Of one user; the oldest makes room.
FAILURES = 10  # In a row, and for as long as FAILING: then it is given up.
FAILING = timedelta(days=3)
P256DH_BYTES = 65  # An uncompressed point of the curve P-256 (RFC 8291 §3.1).
AUTH_BYTES = 16  # RFC 8291 §3.2.
KEY_CHARS = 100  # No key of a browser is as long as this, as base64url.
USER_AGENT_CHARS = 300
LIFE_S = 4 * 3600  # How long a push service keeps it for a browser that is off.
PAYLOAD_BYTES = 3000  # RFC 8291 §4 leaves 3993 of the 4096 that every service takes.


class Gone(Exception):
    """The browser has unsubscribed, or its log-in is over."""


class Later(Exception):
    """It did not work now. `after_s` is what the service asks for, 0 if nothing."""

    def __init__(self, reason: str, after_s: int = 0) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Unreachable(Later):
    """The service's server does not answer, or is in trouble."""


class Never(Exception):
    """The service refuses this for good."""


def subscribe(
    user: User, session_key: str, endpoint: str, p256dh: str, auth: str, user_agent: str = ""
) -> PushSubscription:
    """Remember a browser, or renew what is known of it; it belongs to the user logged in there now.

    `p256dh` and `auth` are its keys as base64url. Raises ValidationError for keys that are none and
    an address that is no push service. Call it outside a transaction: a stranger's name server
    answers as late as it likes.
    """
    if _size_of(p256dh) != P256DH_BYTES or _size_of(auth) != AUTH_BYTES:
        raise ValidationError(
            _("Your browser sent something we do not understand."), code="bad_keys"
        )
    try:
        push_endpoints.check(endpoint)
    except push_endpoints.BadEndpoint as error:
        raise ValidationError(
            _("Your browser’s push service is not one we can use."), code="bad_endpoint"
        ) from error
    except TimeoutError as error:
        raise ValidationError(
            _("Your browser’s push service does not answer. Please try again later."),
            code="slow_endpoint",
        ) from error
    return _remember(user, session_key, endpoint, p256dh, auth, user_agent)


@transaction.atomic
def _remember(
    user: User, session_key: str, endpoint: str, p256dh: str, auth: str, user_agent: str
) -> PushSubscription:
    found, _created = PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={
            "user": user,
            "session_key": session_key,
            "p256dh": p256dh,
            "auth": auth,
            "user_agent": user_agent[:USER_AGENT_CHARS],
            "failures": 0,
            "failing_since": None,
        },
    )
    own = PushSubscription.objects.filter(user=user)
    newest = list(own.order_by("-pk").values_list("pk", flat=True)[:BROWSERS])
    own.exclude(pk__in=newest).delete()
    return found


def unsubscribe(user: User, endpoint: str) -> None:
    PushSubscription.objects.filter(user=user, endpoint=endpoint).delete()


def _size_of(text: str) -> int:
    """Return how many bytes the base64url text holds; -1 if it is none."""
    if len(text) > KEY_CHARS:
        return -1
    padded = text + "=" * (-len(text) % 4)  # Browsers leave the padding out.
    try:
        return len(base64.b64decode(padded, altchars=b"-_", validate=True))
    except ValueError:
        return -1


def note_failure(subscription: PushSubscription, now: datetime) -> None:
    """Count that it did not work; one that has not for days, while others do, goes."""
    same = PushSubscription.objects.filter(pk=subscription.pk)
    same.update(failures=F("failures") + 1, failing_since=Coalesce("failing_since", now))
    dead = same.filter(failures__gte=FAILURES, failing_since__lte=now - FAILING)
    if push_hosts.is_anyone_reached():
        dead.delete()  # Its rows in the outbox go with it.


def note_success(subscription: PushSubscription) -> None:
    if subscription.failures:
        same = PushSubscription.objects.filter(pk=subscription.pk)
        same.update(failures=0, failing_since=None)


def send(subscription: PushSubscription, message: bytes, *, is_urgent: bool) -> None:
    """Send what `payload` or `closing` wrote. Raises Gone, Later (Unreachable) or Never."""
    keys = {
        "endpoint": subscription.endpoint,
        "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth},
    }
    try:
        body = WebPusher(keys).encode(message, content_encoding="aes128gcm")["body"]
    except (WebPushException, ValueError, KeyError) as error:
        # The key is no point of the curve: nothing can ever be encrypted for this browser.
        raise Gone(str(error)) from error
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LIFE_S),
        "Urgency": "high" if is_urgent else "normal",
        **vapid.headers_for(subscription.endpoint, int(time.time())),
    }
    try:
        response = push_endpoints.post(subscription.endpoint, body, headers)
    except push_endpoints.BadEndpoint as error:
        # A name server in trouble says the same as one that knows no such name.
        raise Unreachable(str(error)) from error
    except OSError as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    if response.status in {404, 410}:  # RFC 8030 §7.3: the subscription has ended.
        raise Gone(str(response.status))
    if response.status >= 500:
        raise Unreachable(f"answered {response.status}", response.retry_after_s)
    if response.status == 429:
        raise Later(f"answered {response.status}", response.retry_after_s)
    if not 200 <= response.status < 300:
        raise Never(f"answered {response.status}")


def payload(text: NotificationText, unread: int) -> bytes:
    """Return what `static/js/service_worker.js` shows; long words are cut rather than refused.

    `unread` is the number on the app's icon.
    """
    fields = {**asdict(text), "unread": unread}
    while len(data := json.dumps(fields, ensure_ascii=False).encode()) > PAYLOAD_BYTES:
        fields["body"] = fields["body"][: len(fields["body"]) * 2 // 3]
        if not fields["body"]:
            raise ValueError("The title alone is too long for a push.")
    return data


def closing(tag: str, unread: int) -> bytes:
    """Return what makes the service worker close the notices with this tag.

    An empty tag closes all but those of conversations.
    """
    return json.dumps({"close": tag, "unread": unread}).encode()
