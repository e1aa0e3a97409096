"""Send what waits in the outbox: a sweep that may be killed at any moment.

A row is claimed by one UPDATE, so two sweeps never send the same one. A sweep that dies between
sending and saying so leaves its claim behind; after `CLAIM_S` another one tries again, and the
browser shows the second copy in the place of the first (same tag). Nothing is tried for ever.
"""

import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from accounts.locale import in_locale_of
from accounts.models import Delivery, PushSubscription, User
from accounts.notifications import digest, email, preferences, push, text
from accounts.notifications.preferences import NotificationTopic, topic_of
from accounts.realtime import page_hints

ROWS_PER_CLAIM = 64
THREADS = 32  # What waits for a slow push service waits beside the others.
SWEEP_S = 10.0  # Then the next sweep goes on: the worker has other things to do in time.
LOCK_S = 60  # A sweep that died keeps the others waiting for this long.
CLAIM_S = 120
RETRY_S = (30, 120, 600, 1800)  # After the first, second … failure; then it is given up.
STALE = timedelta(hours=24)
# RULES §3.5. Applies too to what the quiet hours held back.
STALE_REMINDER = timedelta(minutes=15)
KEPT = timedelta(days=14)
ERROR_CHARS = 200

_LOCK_KEY = "delivering"
State = Delivery.State
Channel = Delivery.Channel
log = logging.getLogger(__name__)


def sweep_unless_running(now: datetime) -> int:
    """Sweep, unless another sweep is under way.

    Slow push services must not take all processes of the workers.
    """
    if not cache.add(_LOCK_KEY, 1, LOCK_S):
        return 0
    try:
        return sweep(now)
    finally:
        cache.delete(_LOCK_KEY)


def sweep(now: datetime) -> int:
    """Send what is due; return how many rows were settled or tried. Any number may run at once."""
    done = 0
    until = time.monotonic() + SWEEP_S
    while time.monotonic() < until:
        rows = _claim(now)
        # In a test's transaction other threads would see nothing.
        if len(rows) <= 1 or connection.in_atomic_block:
            _settle(rows, now)
        else:
            _settle_in_threads(rows, now)
        done += len(rows)
        if len(rows) < ROWS_PER_CLAIM:
            break
    return done


def _claim(now: datetime) -> list[Delivery]:
    """Take the oldest due rows, and those whose sweep has died."""
    lost = now - timedelta(seconds=CLAIM_S)
    waiting = Delivery.objects.filter(state=State.WAITING, due_at__lte=now)
    free = waiting.filter(claimed_at=None) | waiting.filter(claimed_at__lt=lost)
    # Mostly nothing is due, and a transaction would keep every other writer of SQLite out.
    if not free.exists():
        return []
    claim = uuid.uuid4()
    with transaction.atomic():
        found = free.order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            found = found.select_for_update(skip_locked=True)
        ids = list(found.values_list("pk", flat=True)[:ROWS_PER_CLAIM])
        Delivery.objects.filter(pk__in=ids).update(claim=claim, claimed_at=now)
    rows = Delivery.objects.filter(claim=claim)
    return list(rows.select_related("recipient", "subscription", "actor").order_by("due_at", "pk"))


def _settle_in_threads(rows: list[Delivery], now: datetime) -> None:
    def settle_slice(start: int) -> None:
        try:
            _settle(rows[start::THREADS], now)
        finally:
            connections.close_all()  # Each thread has connections of its own.

    with ThreadPoolExecutor(THREADS, thread_name_prefix="deliver") as pool:
        slices = range(min(THREADS, len(rows)))
        list(pool.map(settle_slice, slices))  # The list raises what a thread raised.


def _settle(rows: list[Delivery], now: datetime) -> None:
    """Send each of `rows`, drop it, or put it off; what goes wrong with one stops no other."""
    for row in rows:
        try:
            _send_or_drop(row, now)
        except push.Gone:
            if row.subscription:
                row.subscription.delete()  # Its rows go with it.
        except push.Never as error:
            _end(row, State.FAILED, str(error))
        except push.Later as error:
            _try_again(row, now, error, error.after_s)
        except OSError as error:
            _try_again(row, now, error)
        except Exception as error:
            log.exception("Delivery %s cannot be sent", row.pk)
            _try_again(row, now, error)


def _send_or_drop(row: Delivery, now: datetime) -> None:
    """Raises what `push.send` and the mail server raise."""
    if row.kind == preferences.CLOSING:
        _end(row, State.SENT if _send_closing(row, now) else State.DROPPED)
        return
    chosen = preferences.of_user(row.recipient)
    topic = topic_of(row.kind)
    stale = STALE_REMINDER if topic is NotificationTopic.SPACES else STALE
    is_wanted = True  # The daily mail looks by itself at what is wanted.
    if row.channel != Channel.DIGEST:
        is_wanted = chosen.wants(topic, "push" if row.channel == Channel.PUSH else "email")
    if not is_wanted or not row.recipient.is_active or now - row.created_at > stale:
        _end(row, State.DROPPED)
        return
    quiet_until = chosen.end_of_quiet_hours(now) if row.channel == Channel.PUSH else None
    if quiet_until:
        _claimed(row).update(due_at=quiet_until, claim=None, claimed_at=None)
        return
    with in_locale_of(row.recipient):
        is_sent = digest.send(row, now) if row.channel == Channel.DIGEST else _send(row, now)
    _end(row, State.SENT if is_sent else State.DROPPED)


def _send(row: Delivery, now: datetime) -> bool:
    """Send one push or mail; False if it is no news any more, or the address is not verified."""
    words = text.compose(row)
    if words is None:
        return False
    if row.channel == Channel.EMAIL:
        if not email.has_verified_address(row.recipient):
            return False
        email.send_notification(row, words)
        return True
    if row.subscription:
        is_urgent = topic_of(row.kind) in {NotificationTopic.SPACES, NotificationTopic.MESSAGES}
        message = push.payload(words, _unread(row.recipient))
        push.send(_logged_in(row.subscription, now), message, is_urgent=is_urgent)
    return True


def _send_closing(row: Delivery, now: datetime) -> bool:
    """Close in a browser what was read elsewhere; False once the service keeps it no longer."""
    if row.subscription is None or now - row.created_at > timedelta(seconds=push.LIFE_S):
        return False
    tag = f"{row.target_kind}:{row.target_id}" if row.target_kind else ""
    message = push.closing(tag, _unread(row.recipient))
    push.send(_logged_in(row.subscription, now), message, is_urgent=False)
    return True


def _logged_in(browser: PushSubscription, now: datetime) -> PushSubscription:
    """Raises Gone for a browser whose login is over: it shows nothing of it any more."""
    login = Session.objects.filter(session_key=browser.session_key, expire_date__gt=now)
    if not login.exists():
        raise push.Gone("logged out")
    return browser


def _unread(person: User) -> int:
    """Return what the badge on the app's icon says: all numbers at the tabs."""
    return sum(page_hints.counts_of(person.pk, page_hints.counters()).values())


def _claimed(row: Delivery) -> QuerySet[Delivery]:
    """Return the row if the claim is still ours.

    A sweep that was slower than `CLAIM_S` must not overwrite what came of it.
    """
    return Delivery.objects.filter(pk=row.pk, claim=row.claim, state=State.WAITING)


def _end(row: Delivery, state: Delivery.State, error: str = "") -> None:
    _claimed(row).update(state=state, attempts=row.attempts + 1, error=error[:ERROR_CHARS])


def _try_again(row: Delivery, now: datetime, error: Exception, after_s: int = 0) -> None:
    """Put the row off by what RETRY_S says, and at least by `after_s`; at last give it up."""
    attempts = row.attempts + 1
    if attempts > len(RETRY_S):
        log.warning(
            "A %s to user %s is given up after %d tries: %s",
            row.channel,
            row.recipient_id,
            attempts,
            error,
        )
        _end(row, State.FAILED, str(error))
        return
    wait_s = max(RETRY_S[attempts - 1], after_s)
    _claimed(row).update(
        attempts=attempts,
        due_at=now + timedelta(seconds=wait_s),
        claim=None,
        claimed_at=None,
        error=str(error)[:ERROR_CHARS],
    )


def forget_old(now: datetime) -> int:
    """Remove old rows; return how many. The ones kept stop the same event from being told twice."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT)
    return old.delete()[0]
