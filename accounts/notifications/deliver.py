"""Send what waits in the outbox: a sweep that may be killed at any moment.

A row is claimed by one UPDATE, so two sweeps never send the same one; its attempt is counted then,
so that nothing is tried for ever, whatever becomes of the sweep. A sweep that dies between sending
and saying so leaves its claim behind; after `CLAIM_S` another one tries again, and the browser
shows the second copy in the place of the first (same tag).
"""

import logging
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.db.models import F, QuerySet
from redis.exceptions import RedisError

from accounts.locale import in_locale_of
from accounts.models import Delivery, PushSubscription, User
from accounts.notifications import digest, email, preferences, push, push_endpoints, text
from accounts.notifications.preferences import NotificationTopic, topic_of
from accounts.notifications.push_hosts import PushHosts
from accounts.notifications.turns import THREADS, Turns, host_of
from accounts.realtime import page_hints

ROWS_PER_CLAIM = 64
ROWS_AT_ONCE = 256  # Claimed and waiting for their turn; the others wait in the table.
SWEEP_S = 30.0  # Then nothing more is begun: the heartbeat of the queue waits behind the sweep.
LOOK_S = 1.0  # What comes while slow ones are under way waits no longer.
LOCK_S = 15  # Renewed by each look. A sweep that died keeps the others waiting for this long.
CLAIM_S = 60  # Longer than a sweep: SWEEP_S, and what was begun then (config.mail.TOTAL_S).
PUT_OFF = timedelta(seconds=15)  # Whose turn did not come lets others go first.
RETRY_S = (30, 120, 600, 1800)  # After the first, second … failure; then it is given up.
STALE = timedelta(hours=24)
# RULES §3.5. Applies too to what the quiet hours held back.
STALE_REMINDER = timedelta(minutes=15)
KEPT = timedelta(days=14)
ERROR_CHARS = 200

stopping = threading.Event()  # The worker ends: nothing more is begun.
_LOCK_KEY = "delivering"
State = Delivery.State
Channel = Delivery.Channel
log = logging.getLogger(__name__)


def sweep_unless_running(now: datetime) -> int:
    """Sweep, unless another sweep is under way: what it counts by person and host is its own."""
    if not cache.add(_LOCK_KEY, 1, LOCK_S):
        return 0
    try:
        return sweep(now)
    finally:
        cache.delete(_LOCK_KEY)


def sweep(now: datetime) -> int:
    """Send what is due; return how many rows were settled or tried. Any number may run at once."""
    hosts = PushHosts()
    # In a test's transaction other threads would see nothing.
    if connection.in_atomic_block:
        return _sweep_one_by_one(hosts, now)
    return _sweep_in_threads(hosts, now)


def _sweep_one_by_one(hosts: PushHosts, now: datetime) -> int:
    done = 0
    while rows := _claim(now):
        for row in (awake := _without_resting(rows, hosts, now)):
            _settle(row, hosts, now)
        done += len(awake)
    return done


def _sweep_in_threads(hosts: PushHosts, now: datetime) -> int:
    began = time.monotonic()
    turns = Turns(hosts)
    under_way: dict[Future[None], Delivery] = {}
    done = 0
    with ThreadPoolExecutor(THREADS, thread_name_prefix="deliver") as pool:
        while True:
            at = now + timedelta(seconds=time.monotonic() - began)
            is_over = time.monotonic() - began > SWEEP_S or stopping.is_set()
            if not is_over and len(turns) <= ROWS_AT_ONCE - ROWS_PER_CLAIM:
                turns.add(_without_resting(_claim(at), hosts, at))
            while not is_over and len(under_way) < THREADS and (row := turns.take(at)):
                under_way[pool.submit(_settle_in_thread, row, hosts, at)] = row
            if not under_way:
                break
            with suppress(RedisError):  # Another sweep is no harm: rows are claimed.
                cache.touch(_LOCK_KEY, LOCK_S)
            for future in wait(under_way, LOOK_S, FIRST_COMPLETED).done:
                turns.end(under_way.pop(future))
                done += 1
                future.result()  # Raises what the thread raised.
        _put_back(turns.left(), now + PUT_OFF)
    return done


def _claim(now: datetime) -> list[Delivery]:
    """Take the oldest due rows, and those whose sweep has died; count the attempt."""
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
        Delivery.objects.filter(pk__in=ids).update(
            claim=claim, claimed_at=now, attempts=F("attempts") + 1
        )
    rows = Delivery.objects.filter(claim=claim)
    return list(rows.select_related("recipient", "subscription", "actor").order_by("due_at", "pk"))


def _without_resting(rows: list[Delivery], hosts: PushHosts, now: datetime) -> list[Delivery]:
    """Return those that may be tried, and put off those of hosts that are left alone."""
    awake: list[Delivery] = []
    resting: dict[datetime, list[Delivery]] = {}
    for row in rows:
        rest = hosts.rest_of(host_of(row), now)
        if rest:
            resting.setdefault(now + rest, []).append(row)
        else:
            awake.append(row)
    for until, of_host in resting.items():
        _put_back(of_host, until)
    return awake


def _put_back(rows: Sequence[Delivery], due_at: datetime) -> None:
    """Give up the claims on rows that were not tried."""
    for claim in {row.claim for row in rows}:
        same = [row.pk for row in rows if row.claim == claim]
        Delivery.objects.filter(pk__in=same, claim=claim, state=State.WAITING).update(
            due_at=due_at, claim=None, claimed_at=None, attempts=F("attempts") - 1
        )


def _settle_in_thread(row: Delivery, hosts: PushHosts, now: datetime) -> None:
    try:
        _settle(row, hosts, now)
    finally:
        connections.close_all()  # Each thread has connections of its own.


def _settle(row: Delivery, hosts: PushHosts, now: datetime) -> None:
    """Send the row, drop it, or put it off; what goes wrong with one stops no other."""
    try:
        if row.attempts > len(RETRY_S) + 1:
            _end(row, State.FAILED, "Whatever tried it died of it.")
            return
        _send_or_drop(row, hosts, now)
    except push.Gone:
        if row.subscription:
            row.subscription.delete()  # Its rows go with it.
    except push.Never as error:
        _end(row, State.FAILED, str(error))
    except push.Unreachable as error:
        hosts.failed(host_of(row), now)
        _try_again(row, now, error, error.after_s)
        if row.subscription:
            push.note_failure(row.subscription, now)
    except push.Later as error:
        _try_again(row, now, error, error.after_s)
    except OSError as error:
        _try_again(row, now, error)
    except Exception as error:
        log.exception("Delivery %s cannot be sent", row.pk)
        _try_again(row, now, error)


def _send_or_drop(row: Delivery, hosts: PushHosts, now: datetime) -> None:
    """Raises what `push.send` and the mail server raise."""
    if row.kind == preferences.CLOSING:
        _end(row, State.SENT if _send_closing(row, hosts, now) else State.DROPPED)
        return
    chosen = preferences.of_user(row.recipient)
    topic = topic_of(row.kind)
    stale = STALE_REMINDER if topic is NotificationTopic.SPACES else STALE
    is_wanted = True  # The daily mail looks by itself at what is wanted.
    if row.channel != Channel.DIGEST:
        is_wanted = chosen.wants(topic, "push" if row.channel == Channel.PUSH else "email")
    if not is_wanted or row.recipient.is_away or now - row.created_at > stale:
        _end(row, State.DROPPED)
        return
    quiet_until = chosen.end_of_quiet_hours(now) if row.channel == Channel.PUSH else None
    if quiet_until:
        _put_back([row], quiet_until)
        return
    with in_locale_of(row.recipient):
        is_sent = digest.send(row, now) if row.channel == Channel.DIGEST else _send(row, hosts, now)
    _end(row, State.SENT if is_sent else State.DROPPED)


def _send(row: Delivery, hosts: PushHosts, now: datetime) -> bool:
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
        _push(row.subscription, message, hosts, now, is_urgent=is_urgent)
    return True


def _send_closing(row: Delivery, hosts: PushHosts, now: datetime) -> bool:
    """Close in a browser what was read elsewhere; False once the service keeps it no longer."""
    if row.subscription is None or now - row.created_at > timedelta(seconds=push.LIFE_S):
        return False
    tag = f"{row.target_kind}:{row.target_id}" if row.target_kind else ""
    message = push.closing(tag, _unread(row.recipient))
    _push(row.subscription, message, hosts, now, is_urgent=False)
    return True


def _push(
    browser: PushSubscription,
    message: bytes,
    hosts: PushHosts,
    now: datetime,
    *,
    is_urgent: bool,
) -> None:
    push.send(_logged_in(browser, now), message, is_urgent=is_urgent)
    hosts.answered(push_endpoints.host_of(browser.endpoint))
    push.note_success(browser)


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
    _claimed(row).update(state=state, error=error[:ERROR_CHARS])


def _try_again(row: Delivery, now: datetime, error: Exception, after_s: int = 0) -> None:
    """Put the row off by what RETRY_S says, and at least by `after_s`; at last give it up."""
    attempts = row.attempts
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
        due_at=now + timedelta(seconds=wait_s),
        claim=None,
        claimed_at=None,
        error=str(error)[:ERROR_CHARS],
    )


def forget_old(now: datetime) -> int:
    """Remove old rows; return how many. The ones kept stop the same event from being told twice."""
    old = Delivery.objects.filter(created_at__lt=now - KEPT)
    return old.delete()[0]
