"""Finding rooms: what is live and in which order, what comes, what was, and search."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import Follow, User
from config.db import full_text, prepared
from config.db.counting import count_of
from config.db.word_index import Index
from posts.services.searching import PEOPLE
from spaces.models import Attendance, Space, SpaceQuerySet, Topic
from spaces.services import card_parts, page_rooms, presence_store
from spaces.services.listings import live_for, replays_for, upcoming_for

MOST_LOOKED_AT = 200  # Live rooms that are ranked, the newest; more than a viewer scrolls through.
MOST_UPCOMING = 60
NEXT_UP = 5
TOPICS_OF = timedelta(days=90)
TOPICS_KEPT_S = 60
TITLES = Index("spaces_space", ("title",), languages=(), by_beginnings=True)
TOPICS = Index("spaces_topic", ("name",), languages=(), by_beginnings=True)


def keep_indexes() -> None:
    """Called once, from AppConfig.ready()."""
    full_text.keep(TITLES)
    full_text.keep(TOPICS)


@dataclass(frozen=True)
class Interests:
    """Whom a viewer follows, and the topics of rooms they were in lately."""

    followed: frozenset[int] = frozenset()
    topics: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Filters:
    """What the viewer chose; "" is everything. A value that no Space has simply finds none."""

    topic: str = ""
    language: str = ""

    def apply(self, spaces: SpaceQuerySet) -> SpaceQuerySet:
        if self.topic:
            spaces = spaces.filter(topics__key=self.topic)
        return spaces.filter(language=self.language) if self.language else spaces


def live(viewer: User | None, filters: Filters, limit: int) -> list[Space]:
    """Return the live rooms this viewer may enter, the best first; see `score`."""
    if filters == Filters():
        return ranked(page_rooms.live_rooms(viewer), viewer)[:limit]
    rooms = filters.apply(live_for(viewer)).with_people().order_by("-started_at", "-id")
    return ranked(list(rooms[:MOST_LOOKED_AT]), viewer)[:limit]


def replays(viewer: User | None, filters: Filters, limit: int) -> list[Space]:
    """Return what can be heard again, the latest first."""
    spaces = filters.apply(replays_for(viewer)).with_people().order_by("-ended_at", "-id")
    return list(spaces[:limit])


def upcoming(viewer: User | None, filters: Filters) -> list[Space]:
    """Return what comes, the soonest first."""
    return _fetched(_upcoming, viewer, filters)


def next_up(viewer: User | None, filters: Filters) -> list[Space]:
    """Return the first of them, which stand below the live ones."""
    return _fetched(_next_up, viewer, filters)


def _fetched(
    ahead: Callable[[User | None, str | None, str | None], SpaceQuerySet],
    viewer: User | None,
    filters: Filters,
) -> list[Space]:
    spaces = prepared.fetch(ahead, viewer, filters.topic or None, filters.language or None)
    card_parts.attach(spaces, viewer)
    return spaces


def _upcoming(viewer: User | None, topic: str | None, language: str | None) -> SpaceQuerySet:
    spaces = Filters(topic or "", language or "").apply(upcoming_for(viewer))
    return spaces.select_related("host").order_by("scheduled_for", "id")[:MOST_UPCOMING]


def _next_up(viewer: User | None, topic: str | None, language: str | None) -> SpaceQuerySet:
    return _upcoming(viewer, topic, language)[:NEXT_UP]


def next_of_own(viewer: User) -> list[Space]:
    """Return the viewer's own next Space, if there is one."""
    spaces = prepared.fetch(_own_upcoming, viewer)
    card_parts.attach(spaces, viewer)
    return spaces


def _own_upcoming(viewer: User) -> SpaceQuerySet:
    own: SpaceQuerySet = Space.objects.upcoming().filter(host=viewer).select_related("host")
    return own.order_by("scheduled_for")[:1]


def live_count(viewer: User | None) -> int:
    return prepared.fetch(_live_count, viewer)[0]


def _live_count(viewer: User | None) -> QuerySet[Space, int]:
    return count_of(live_for(viewer))


def ranked(rooms: list[Space], viewer: User | None) -> list[Space]:
    """Return `rooms` (fetched with people) with the best for this viewer first."""
    if not rooms:
        return []
    interests = interests_of(viewer, rooms) if viewer else Interests()
    people = presence_store.counts([room.public_id for room in rooms])
    now = timezone.now()

    # The key makes two equal rooms stand in the same order on each page.
    def rank(room: Space) -> tuple[float, int]:
        return (-score(room, interests, people.get(room.public_id, 0), now), room.pk)

    return sorted(rooms, key=rank)


def score(room: Space, interests: Interests, people: int, now: datetime) -> float:
    """Return how high a live room stands for a viewer. Four things count, and nothing else:

    - **followed**: 6 if the viewer follows the host, else 4 if they follow a speaker;
    - **topics I use**: 2 if it shares a topic with a room the viewer hosted or was in during the
      last 90 days;
    - **size**: log2(1 + people): each doubling of the room is one point, so a thousand listeners
      are worth ten;
    - **freshness**: 3 at the start, halved every 30 minutes.

    A room of a followed host thus beats a stranger's until that one is 64 times as large. Nobody
    can buy or tune anything, and the same facts always give the same order.
    """
    on_stage = {seat.user_id for seat in room.seats.all()}
    followed = 0.0
    if room.host_id in interests.followed:
        followed = 6.0
    elif on_stage & interests.followed:
        followed = 4.0
    topics = {topic.pk for topic in room.topics.all()}
    shared = 2.0 if interests.topics & topics else 0.0
    minutes = max(0.0, (now - (room.started_at or now)).total_seconds() / 60)
    fresh: float = 3.0 * 0.5 ** (minutes / 30)
    return followed + shared + math.log2(1 + people) + fresh


def interests_of(viewer: User, rooms: list[Space]) -> Interests:
    """Return what counts for ranking `rooms`.

    The topics are up to a minute old: interests do not change faster.
    """
    key = f"spaces:topics:{viewer.pk}"
    topics: list[int] | None = cache.get(key)
    if topics is None:
        since = timezone.now() - TOPICS_OF
        # The viewer's own rooms are among them: hosts attend, too.
        visited = Attendance.objects.filter(user=viewer, first_joined_at__gte=since)
        rows = Topic.objects.filter(spaces__in=visited.values("space"))
        topics = list(rows.values_list("pk", flat=True).distinct())
        cache.set(key, topics, TOPICS_KEPT_S)
    # Rooms of `page_rooms` say themselves whom of them the viewer follows.
    if any("is_followed" not in vars(room) for room in rooms):
        follows = Follow.objects.filter(follower=viewer)
        followed = frozenset(follows.values_list("followed_id", flat=True))
        return Interests(followed, frozenset(topics))
    near = set()
    for room in rooms:
        if vars(room)["is_followed"]:
            near.add(room.host_id)
        near |= {seat.user_id for seat in room.seats.all() if vars(seat)["is_followed"]}
    return Interests(frozenset(near), frozenset(topics))


def followed_live(viewer: User, limit: int) -> list[Space]:
    """Return the live rooms of people the viewer follows and the viewer's own, newest first.

    They are the bar on the home page (RULES §9).
    """
    rooms = []
    for room in page_rooms.live_rooms(viewer):
        on_stage = any(vars(seat)["is_followed"] for seat in room.seats.all())
        if room.host_id == viewer.pk or vars(room)["is_followed"] or on_stage:
            rooms.append(room)
    return rooms[:limit]


def search(query: str, viewer: User | None, limit: int) -> list[Space]:
    """Return Spaces whose title, host and topics together hold every word of `query`.

    Live ones first, then what comes. Ended ones are not found: there is nothing to enter (RULES
    §9).
    """
    words = full_text.words(query)
    if not words:
        return []
    spaces = live_for(viewer) | upcoming_for(viewer)
    for word in words:
        by_host = Q(host__in=full_text.found_ids(PEOPLE, [word]))
        topics = full_text.matching(Topic.objects.all(), TOPICS, [word]).values("spaces")
        titled = Q(pk__in=full_text.found_ids(TITLES, [word]))
        spaces = spaces.filter(titled | by_host | Q(pk__in=topics))
    is_live = When(state=Space.State.LIVE, then=Value(0))
    order = Case(is_live, default=Value(1), output_field=IntegerField())
    spaces = spaces.select_related("host").distinct()
    found = list(spaces.order_by(order, "scheduled_for", "-started_at", "id")[:limit])
    card_parts.attach(found, viewer)
    return found


def topics_of(viewer: User | None, of_replays: bool) -> list[Topic]:
    """Return the topics of everything that a tab could show: filters offer what finds something."""
    return prepared.fetch(_topics, viewer, of_replays)


def _topics(viewer: User | None, of_replays: bool) -> QuerySet[Topic]:
    return Topic.objects.filter(spaces__in=_listed(viewer, of_replays).values("pk")).distinct()


def languages_of(viewer: User | None, of_replays: bool) -> list[str]:
    """Return the codes of their languages."""
    return prepared.fetch(_languages, viewer, of_replays)


def _languages(viewer: User | None, of_replays: bool) -> QuerySet[Space, str]:
    listed = _listed(viewer, of_replays).order_by("language")
    return listed.values_list("language", flat=True).distinct()


def _listed(viewer: User | None, of_replays: bool) -> SpaceQuerySet:
    return replays_for(viewer) if of_replays else live_for(viewer) | upcoming_for(viewer)
