"""Celery tasks of posts. Each may run twice, or late, without harm."""

from celery import shared_task

from posts import live_updates
from posts.services import draft_media, fleets, hashtags, trends, voice


@shared_task
def prepare_clip(pk: int) -> str:
    return voice.prepare(pk)


@shared_task
def transcribe_clip(pk: int) -> None:
    voice.transcribe(pk)


@shared_task
def sweep_clips() -> int:
    return voice.sweep()


@shared_task
def sweep_fleets() -> int:
    return fleets.sweep()


@shared_task
def sweep_fleet_files() -> int:
    return fleets.sweep_files()


@shared_task
def sweep_draft_files() -> int:
    return draft_media.sweep_files()


@shared_task
def tell_followers(pk: int) -> int:
    return live_updates.tell_followers(pk)


@shared_task
def count_trends() -> int:
    return trends.count()


@shared_task
def read_tags(below: int | None = None) -> int:
    """Each step asks for the next one, so that other work comes between."""
    further = hashtags.read_anew(below)
    if further:
        read_tags.delay(further)
    return further
