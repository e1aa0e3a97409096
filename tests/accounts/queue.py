"""What is sent to the background, kept for the test instead."""

import pytest
from celery import Task

from config.celery import app


def keep_tasks(
    monkeypatch: pytest.MonkeyPatch,
    *kept: "Task[[int], object]",
    run: "tuple[Task[[int], object], ...]" = (),
) -> list[int]:
    """Return a list to which each of `kept` adds its id; those of `run` are run at once.

    Any other task is an error of the test.
    """
    asked: list[int] = []
    runs = {task.name: task.run for task in run}
    takers = {task.name: asked.append for task in kept} | runs

    def send_task(name: str, args: list[int], *_rest: object, **_options: object) -> None:
        takers[name](args[0])

    monkeypatch.setattr(app, "send_task", send_task)
    return asked
