"""Open a Space now or for later, edit, start, end, cancel it.

Pages and REST call these; sockets send the same commands.
"""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from config.limits import LIMITS
from config.text import casefolded, line
from spaces.models import Attendance, Seat, Space, Topic
from spaces.rooms import commands, repository, service
from spaces.rooms.actor import SYSTEM
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.state import SpeakRule
from spaces.rooms.titles import clean_title
from spaces.rooms.wall_clock import wall_time
from spaces.services import reminders

# Offered beside the languages that the site is translated to.
COMMON_LANGUAGES = (
    *("en", "id", "es", "fr", "de", "pt", "ar", "hi"),
    *("ja", "ko", "zh", "nl", "tr", "ru", "jv", "su"),
)


@dataclass(frozen=True)
class SpaceDraft:
    """What "Name your Space" asks for."""

    title: str
    topics: Sequence[str] = ()
    language: str = "en"
    speak_rule: str = Space.SpeakRule.INVITED
    video_enabled: bool = False
    recording_wanted: bool = False
    transcript_wanted: bool = False
    visitors_allowed: bool = True


def draft_of(space: Space) -> SpaceDraft:
    """Return what the form shows for an existing Space."""
    return SpaceDraft(
        title=space.title,
        topics=tuple(space.topics.values_list("name", flat=True)),
        language=space.language,
        speak_rule=space.speak_rule,
        video_enabled=space.video_enabled,
        recording_wanted=space.recording_wanted,
        transcript_wanted=space.transcript_wanted,
        visitors_allowed=space.visitors_allowed,
    )


def open_now(host: User, draft: SpaceDraft) -> Space:
    """Return a new Space in its green room with the host alone on stage, muted.

    A green room that the host left unstarted is cancelled: it was never public and nobody waits for
    it. Raises RoomError: bad_title, bad_topics, bad_language, protected_account, already_live.
    """
    topics = _checked_topics(host, draft)
    # The start asks again, and so does the database; this tells a host who is live before.
    if Space.objects.filter(host=host, state=Space.State.LIVE).exists():
        raise RoomError(ErrorCode.ALREADY_LIVE)
    green = Space.objects.filter(host=host, state=Space.State.GREEN)
    for unstarted in green.filter(scheduled_for__isnull=True):
        cancel(unstarted, host)
    with transaction.atomic():
        space = _create(host, draft, topics, state=Space.State.GREEN)
        Seat.objects.create(space=space, user=host, role=Seat.Role.HOST, order=0)
        # Hosts count among those who came and spoke.
        Attendance.objects.create(space=space, user=host, was_on_stage=True)
    return space


def schedule(
    host: User, draft: SpaceDraft, scheduled_for: datetime, time_zone: str = "UTC"
) -> Space:
    """Return a new scheduled Space.

    `scheduled_for` is aware; `time_zone` is the zone the host thought in. Raises RoomError: those
    of `open_now`, bad_time, bad_zone, too_many.
    """
    topics = _checked_topics(host, draft)
    now = timezone.now()
    latest = now + timedelta(seconds=LIMITS.schedule_ahead_s)
    if not now < scheduled_for <= latest:
        raise RoomError(ErrorCode.BAD_TIME)
    _check_zone(time_zone)
    start = wall_time(scheduled_for, time_zone)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=host.pk)  # Two forms sent at once count each other.
        if Space.objects.upcoming().filter(host=host).count() >= LIMITS.scheduled_spaces:
            raise RoomError(ErrorCode.TOO_MANY)
        space = _create(
            host,
            draft,
            topics,
            state=Space.State.SCHEDULED,
            scheduled_for=scheduled_for,
            time_zone=time_zone,
            wall_time=start.at.isoformat(),
            wall_fold=start.fold,
        )
        reminders.on_scheduled(space)
    return space


def move(space: Space, actor: User, scheduled_for: datetime, time_zone: str) -> Space:
    """Move a scheduled Space; its subscribers are told, an open room too.

    Raises RoomError: not_allowed, already_started, ended, bad_time, bad_zone.
    """
    _check_zone(time_zone)
    return _execute(space, actor, commands.MoveSpace(scheduled_for, time_zone))


def keep_wall_clocks() -> int:
    """Move each Space that no longer starts when the host's clock shows the time they chose.

    Return how many those are. Which instant a wall-clock time is was worked out by the zone rules
    of that day; governments change them at short notice, and the host's poster still says seven
    o'clock (RULES §3.6). Called by a sweep.
    """
    moved = 0
    for space in Space.objects.upcoming().exclude(wall_time=""):
        chosen = repository.wall_time_of(space)
        if chosen is not None and chosen.instant != space.scheduled_for:
            service.execute(space.public_id, SYSTEM, commands.KeepWallClock())
            moved += 1
    return moved


def edit(space: Space, actor: User, draft: SpaceDraft) -> Space:
    """Change everything that "Name your Space" asks for, before the start.

    While live, title, speak rule and video change by `room.update`. Raises RoomError: bad_title,
    bad_topics, bad_language, protected_account, not_allowed, already_started, ended.
    """
    topics = _checked_topics(actor, draft)
    command = commands.EditSpace(
        title=draft.title,
        topics=tuple(topic.name for topic in sorted(topics, key=lambda topic: topic.key)),
        language=draft.language,
        speak_rule=SpeakRule(draft.speak_rule),
        video=draft.video_enabled,
        recording_wanted=draft.recording_wanted,
        transcript_wanted=draft.transcript_wanted,
        visitors_allowed=draft.visitors_allowed,
    )
    return _execute(space, actor, command)


def start(space: Space, actor: User) -> Space:
    """Make it public.

    Raises RoomError: not_allowed, too_early, already_live, already_started, ended.
    """
    return _execute(space, actor, commands.StartSpace())


def end(space: Space, actor: User) -> Space:
    """End it for all participants. Raises RoomError: not_allowed, not_live, ended."""
    return _execute(space, actor, commands.EndSpace())


def cancel(space: Space, actor: User) -> Space:
    """Cancel it before the start. Raises RoomError: not_allowed, already_started, ended."""
    return _execute(space, actor, commands.CancelSpace())


def _execute(space: Space, actor: User, command: commands.RoomCommand) -> Space:
    service.execute(space.public_id, service.actor_of(actor), command)
    return Space.objects.get(pk=space.pk)


def languages() -> list[str]:
    """Return the codes of the languages that may be spoken in a Space."""
    return list(dict.fromkeys([*(code for code, _ in settings.LANGUAGES), *COMMON_LANGUAGES]))


def _checked_topics(host: User, draft: SpaceDraft) -> list[Topic]:
    """Check what needs no lock, and return the topics, made where they are new.

    Raises RoomError: bad_title, protected_account, bad_language, bad_message, bad_topics.
    """
    clean_title(draft.title, LIMITS)
    if host.is_protected:
        raise RoomError(ErrorCode.PROTECTED_ACCOUNT)
    if draft.language not in languages():
        raise RoomError(ErrorCode.BAD_LANGUAGE)
    if draft.speak_rule not in Space.SpeakRule.values:
        raise RoomError(ErrorCode.BAD_MESSAGE)
    names: dict[str, str] = {}
    for text in draft.topics:
        name = line(line(text).lstrip("#"))
        key = casefolded(name)
        # Folding may make a word longer: "ß" becomes "ss".
        if max(len(name), len(key)) > LIMITS.topic_chars:
            raise RoomError(ErrorCode.BAD_TOPICS)
        if name:
            names[key] = name
    if len(names) > LIMITS.space_topics:
        raise RoomError(ErrorCode.BAD_TOPICS)
    # The key is unique, so a topic that two hosts make at once is one row.
    topics = []
    for key, name in names.items():
        topic, _ = Topic.objects.get_or_create(key=key, defaults={"name": name})
        topics.append(topic)
    return topics


def _check_zone(time_zone: str) -> None:
    if time_zone not in zoneinfo.available_timezones():
        raise RoomError(ErrorCode.BAD_ZONE)


def _create(host: User, draft: SpaceDraft, topics: list[Topic], **fields: object) -> Space:
    space = Space(
        host=host,
        creator=host,
        title=clean_title(draft.title, LIMITS),
        language=draft.language,
        speak_rule=draft.speak_rule,
        video_enabled=draft.video_enabled,
        recording_wanted=draft.recording_wanted,
        transcript_wanted=draft.transcript_wanted,
        visitors_allowed=draft.visitors_allowed,
        **fields,
    )
    space.save(force_insert=True)
    space.topics.set(topics)
    return space
