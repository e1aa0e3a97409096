"""The outbox is emptied by a sweep that may be killed at any moment.

A row is claimed by one UPDATE, so two sweeps never send the same one. A sweep that dies between
sending and saying so leaves its claim behind; after `CLAIM_S` another one tries again, and the
browser shows the second copy in the place of the first (same tag). Nothing is tried for ever.
"""

import logging
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.utils import translation

from accounts.models import Delivery, PushSubscription
from accounts.notifications import digest, email, preferences, push, text
from accounts.notifications.preferences import Preferences, Topic, topic_of

BATCH = 64
THREADS = 32  # What waits for a slow push service waits beside the others.
SWEEP_S = 10.0  # Then the next sweep goes on: the worker has other things to do in time.
ALONE_S = 60
CLAIM_S = 120
RETRY_S = (30, 120, 600, 1800)  # After the first, second … failure; then it is given up.
STALE = timedelta(hours=24)
# RULES §3.5; also what the night held back is then too late.
STALE_REMINDER = timedelta(minutes=15)
KEPT = timedelta(days=14)

State, Channel = Delivery.State, Delivery.Channel
log = logging.getLogger(__name__)


def sweep_unless_running(now: datetime) -> int:
    """Sweep, unless another sweep is under way: slow push services must not take every process
    there is.
    """
    if not cache.add("delivering", 1, ALONE_S):
        return 0
    try:
        return sweep(now)
    finally:
        cache.delete("delivering")


def sweep(now: datetime) -> int:
    """Send what is due; returns how many rows were settled or tried. Any number may run at once."""
    done, until = 0, time.monotonic() + SWEEP_S
    while time.monotonic() < until and (claimed := _claim(now)):
        # In a test's transaction other threads would see nothing.
        if len(claimed) == 1 or connection.in_atomic_block:
            _settle_all(claimed, now)
        else:
            with ThreadPoolExecutor(THREADS, thread_name_prefix="deliver") as pool:
                slices = [claimed[start::THREADS] for start in range(min(THREADS, len(claimed)))]
                list(pool.map(lambda rows: _settle_in_thread(rows, now), slices))
        done += len(claimed)
        if len(claimed) < BATCH:
            break
    return done


def _claim(now: datetime) -> list[Delivery]:
    """Take the oldest due rows, and those whose sweep has died."""
    lost = now - timedelta(seconds=CLAIM_S)
    waiting = Delivery.objects.filter(state=State.WAITING, due_at__lte=now)
    free = waiting.filter(claimed_at=None) | waiting.filter(claimed_at__lt=lost)
    # Mostly so; and a transaction would keep every other writer of SQLite out.
    if not free.exists():
        return []
    with transaction.atomic():
        found = free.order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            found = found.select_for_update(skip_locked=True)
        ids = list(found.values_list("pk", flat=True)[:BATCH])
        claim = uuid.uuid4()
        Delivery.objects.filter(pk__in=ids).update(claim=claim, claimed_at=now) if ids else 0
    rows = Delivery.objects.filter(claim=claim) if ids else Delivery.objects.none()
    return list(rows.select_related("recipient", "subscription", "actor").order_by("due_at", "pk"))


def _settle_in_thread(rows: list[Delivery], now: datetime) -> None:
    try:
        _settle_all(rows, now)
    finally:
        connections.close_all()


def _settle_all(rows: list[Delivery], now: datetime) -> None:
    for row in rows:
        _settle(row, now)


def _settle(row: Delivery, now: datetime) -> None:
    """Send one, or say why not. Whatever goes wrong with one is told of it alone."""
    try:
        wish = preferences.of_user(row.recipient)
        quiet = wish.quiet_until_when(now) if row.channel == Channel.PUSH else None
        if not _is_wanted(row, wish, now):
            _end(row, State.DROPPED)
        elif quiet:
            _wait(row, quiet)
        else:
            with translation.override(row.recipient.language or settings.LANGUAGE_CODE):
                _send(row, now)
    except push.Gone:
        if row.subscription:
            row.subscription.delete()  # Its rows go with it.
    except push.Never as error:
        _end(row, State.FAILED, str(error))
    except (push.Later, OSError) as error:
        _try_again(row, now, error)
    except Exception as error:
        log.exception("Delivery %s cannot be sent", row.pk)
        _try_again(row, now, error)


def _is_wanted(row: Delivery, wish: Preferences, now: datetime) -> bool:
    topic = topic_of(row.kind)
    stale = STALE_REMINDER if topic is Topic.SPACES else STALE
    if not row.recipient.is_active or now - row.created_at > stale:
        return False
    if row.channel == Channel.DIGEST:
        return True
    return wish.wants(topic, "push" if row.channel == Channel.PUSH else "email")


def _send(row: Delivery, now: datetime) -> None:
    if row.channel == Channel.DIGEST:
        _end(row, State.SENT if digest.send(row, now) else State.DROPPED)
        return
    note = text.compose(row)
    if note is None:
        _end(row, State.DROPPED)
        return
    if row.channel == Channel.EMAIL and not email.has_proved_address(row.recipient):
        _end(row, State.DROPPED)
        return
    if row.channel == Channel.EMAIL:
        email.send_notification(row, note)
    elif row.subscription:
        _check_log_in(row.subscription, now)
        push.send(
            row.subscription, note, is_urgent=topic_of(row.kind) in {Topic.SPACES, Topic.MESSAGES}
        )
    _end(row, State.SENT)


def _check_log_in(subscription: PushSubscription, now: datetime) -> None:
    """A browser whose log-in is over shows nothing of it any more. Raises Gone."""
    if not Session.objects.filter(
        session_key=subscription.session_key, expire_date__gt=now
    ).exists():
        raise push.Gone("logged out")


def _end(row: Delivery, state: Delivery.State, error: str = "") -> None:
    """Only if the claim is still ours: who was slower than `CLAIM_S` must not overwrite what came
    of it.
    """
    mine = Delivery.objects.filter(pk=row.pk, claim=row.claim, state=State.WAITING)
    mine.update(state=state, attempts=row.attempts + 1, error=error[:200])


def _wait(row: Delivery, until: datetime) -> None:
    mine = Delivery.objects.filter(pk=row.pk, claim=row.claim, state=State.WAITING)
    mine.update(due_at=until, claim=None, claimed_at=None)


def _try_again(row: Delivery, now: datetime, error: Exception) -> None:
    attempts = row.attempts + 1
    if attempts > len(RETRY_S):
        log.warning(
            "A %s to person %s is given up after %d tries: %s",
            row.channel,
            row.recipient_id,
            attempts,
            error,
        )
        _end(row, State.FAILED, str(error))
        return
    wait_s = max(RETRY_S[attempts - 1], getattr(error, "after_s", 0))
    mine = Delivery.objects.filter(pk=row.pk, claim=row.claim, state=State.WAITING)
    due_at = now + timedelta(seconds=wait_s)
    mine.update(
        attempts=attempts, due_at=due_at, claim=None, claimed_at=None, error=str(error)[:200]
    )


def forget_old(now: datetime) -> int:
    """Remove settled rows. The ones kept stop the same event from being told twice."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT)
    return old.delete()[0]
