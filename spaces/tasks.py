"""Celery tasks: the clock of the rooms. Both may run twice, or not for a while, without harm."""

from celery import shared_task

from spaces.services import sweep


@shared_task
def sweep_rooms() -> int:
    return sweep.sweep()


@shared_task
def refresh_policies() -> int:
    return sweep.refresh_policies()
