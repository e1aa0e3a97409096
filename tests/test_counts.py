"""A number counts what can be opened: each beside the list that it leads to, while somebody is away
and after they come back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Decision, User
from accounts.moderation import suspensions
from accounts.notifications import notify
from accounts.services import account_deletion, profile_facts, relationships
from posts.models import Fleet, Trend
from posts.services import conversations, fleets, groups, messaging, posting, timelines, trends
from spaces.services import reminders, scheduling, visibility
from tests.accounts.people import browser_of, make_follow, person
from tests.accounts.queue import keep_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_tasks(monkeypatch)
    monkeypatch.setattr("config.celery.app.send_task", lambda *_args, **_options: None)


def suspend(someone: User) -> None:
    decision = Decision.objects.create(
        action=Decision.Action.SUSPEND, person=someone, at=timezone.now()
    )
    suspensions.suspend(someone, decision)


def leave(someone: User) -> None:
    account_deletion.leave(someone, at_once=False)


def deactivate(someone: User) -> None:
    someone.is_active = False
    someone.save()


WAYS: dict[str, tuple[Callable[[User], object], Callable[[User], object]]] = {
    "suspended": (suspend, suspensions.reinstate),
    "leaving": (leave, account_deletion.come_back),
    "deactivated": (deactivate, suspensions.reinstate),
}


@dataclass(frozen=True)
class Number:
    """`make` takes who sees the number, and another user whom it then counts."""

    make: Callable[[User, User], object]
    number: Callable[[User], int]
    listed: Callable[[User], int]


def group_of(owner: User) -> conversations.MemberConversation:
    return next(one for one in conversations.inbox(owner) if one.is_group)


def join_group(me: User, other: User) -> None:
    found = [one for one in conversations.inbox(me) if one.is_group]
    if found:
        groups.add(me, found[0].row, [other])
    else:
        groups.make(me, "Rivers", [other])


def group_members(me: User) -> int:
    found = conversations.find(me, group_of(me).pk)
    assert found
    return len(found.others)


def group_faces(me: User) -> int:
    return len(group_of(me).people)


def sees_fleet(me: User, other: User) -> None:
    fleet = Fleet.objects.filter(author=me).first()
    if fleet is None:
        fleet = fleets.publish(me, "Mine", None, Fleet.Audience.PUBLIC)
    fleets.mark_seen(other, fleet)


def seen_number(me: User) -> int:
    return int(vars(Fleet.objects.with_seen_count(me).get(author=me))["seen_count"])


def waits_for_space(me: User, other: User) -> None:
    space = me.hosted_spaces.first()
    if space is None:
        draft = scheduling.SpaceDraft(title="Rivers", topics=())
        space = scheduling.schedule(me, draft, timezone.now() + timedelta(days=2))
    reminders.subscribe(other, space, early=False)


def waiting_number(me: User) -> int:
    space = me.hosted_spaces.get()
    return reminders.counts([space.pk]).get(space.pk, 0)


def told_of_space(me: User) -> int:
    space = me.hosted_spaces.select_related("host").get()
    waiting = set(space.reminders.values_list("user_id", flat=True)) - {me.pk}
    return len(visibility.users_who_may_see(space, waiting))


def asks_to_follow(me: User, other: User) -> None:
    User.objects.filter(pk=me.pk).update(is_protected=True)
    me.refresh_from_db()
    relationships.follow(other, me)


def tags(_me: User, other: User) -> None:
    posting.publish(other, f"#river by @{other.handle}")


def trend_number(_me: User) -> int:
    trends.count()
    found = Trend.objects.filter(name="river").first()
    return found.people_count if found else 0


def names_me(me: User, other: User) -> None:
    posting.publish(other, f"Hello @{me.handle}")


def facts(me: User) -> profile_facts.ProfileFacts:
    return profile_facts.facts_of(me, me)


def writes_to_follower(me: User, other: User) -> None:
    make_follow(me, other)
    messaging.send(other, me, "Hello")


NUMBERS: dict[str, Number] = {
    "unread_messages": Number(
        writes_to_follower,
        messaging.unread_count,
        lambda me: sum(1 for one in conversations.inbox(me) if one.unread),
    ),
    "message_requests": Number(
        lambda me, other: messaging.send(other, me, "Hello"),
        lambda me: len(conversations.requests(me)),
        lambda me: conversations.listed_memberships(me).filter(is_accepted=False).count(),
    ),
    "group_members": Number(join_group, group_members, group_faces),
    "unread_alerts_of_posts": Number(
        names_me,
        notify.unread_count,
        lambda me: sum(len(alert.people) for alert in notify.alerts_for(me)[0]),
    ),
    "unread_alerts_of_people": Number(
        lambda me, other: relationships.follow(other, me),
        notify.unread_count,
        lambda me: sum(len(alert.people) for alert in notify.alerts_for(me)[0]),
    ),
    "follow_requests": Number(
        asks_to_follow,
        lambda me: browser_of(me).get("/alerts/").context["waiting"],
        lambda me: len(browser_of(me).get("/alerts/requests/").context["people"]),
    ),
    "followers": Number(
        lambda me, other: make_follow(other, me),
        lambda me: facts(me).follower_count,
        lambda me: len(browser_of(me).get(f"/@{me.handle}/followers/").context["rows"]),
    ),
    "following": Number(
        make_follow,
        lambda me: facts(me).following_count,
        lambda me: len(browser_of(me).get(f"/@{me.handle}/following/").context["rows"]),
    ),
    "fleet_seen_by": Number(
        sees_fleet,
        seen_number,
        lambda me: len(fleets.seen_by(me, Fleet.objects.get(author=me))),
    ),
    "who_waits_for_a_space": Number(waits_for_space, waiting_number, told_of_space),
    "people_of_a_trend": Number(
        tags,
        trend_number,
        lambda me: len({one.post.author for one in timelines.with_hashtag("river", me).entries}),
    ),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NUMBERS)
def test_it_counts_what_can_be_opened(name: str, way: str) -> None:
    maya, one = person("maya"), NUMBERS[name]
    others = [person("stays"), person("goes")]
    for other in others:
        one.make(maya, other)
    goes, comes_back = WAYS[way]
    assert (one.number(maya), one.listed(maya)) == (2, 2)
    goes(others[1])
    assert (one.number(maya), one.listed(maya)) == (1, 1)
    comes_back(User.objects.get(pk=others[1].pk))
    assert (one.number(maya), one.listed(maya)) == (2, 2)
