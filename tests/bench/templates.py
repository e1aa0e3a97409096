"""What it costs to draw the home page: CPU of twenty posts of many shapes, in one process.

    python -m tests.bench.templates [--commit COMMIT]

Another commit is checked out beside this one and measured in turns with it, because machines drift.
The whole page is asked for as a browser does, without a socket between; the feed is drawn alone
from posts that are already loaded.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.stack.valkey import running_valkey

if TYPE_CHECKING:
    from accounts.models import User

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).relative_to(ROOT)
ROUNDS = 3
TIMES = 60
ROWS = ("feed", "home")


def measure() -> dict[str, float]:
    """Return the median milliseconds of CPU and the bytes of each of ROWS."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.template.loader import render_to_string
    from django.test import Client, RequestFactory
    from django.utils import timezone

    call_command("migrate", verbosity=0)
    viewer = make_posts()
    client = Client(HTTP_HOST="localhost")
    client.force_login(viewer)
    request = RequestFactory(HTTP_HOST="localhost").get("/")
    request.user = viewer
    timezone.activate("Europe/Berlin")
    from posts.services import timelines

    page = timelines.home(viewer, None)
    assert len(page.entries) == timelines.PAGE
    assert client.get("/").status_code == 200
    ways: dict[str, Callable[[], bytes]] = {
        "feed": lambda: render_to_string(
            "posts/_feed_page.html", {"page": page}, request=request
        ).encode(),
        "home": lambda: client.get("/").content,
    }
    return {name: figure for row in ROWS for name, figure in figures(row, ways[row]).items()}


def figures(row: str, draw: Callable[[], bytes]) -> dict[str, float]:
    took = []
    for _ in range(TIMES):
        begun = time.process_time()
        drawn = draw()
        took.append((time.process_time() - begun) * 1000)
    return {row: statistics.median(took), f"{row} bytes": len(drawn)}


def make_posts() -> "User":
    """A viewer who follows two people with one post of every shape, and words alone in between."""
    from accounts.models import Follow, User
    from posts.models import Post, PostImage, VoiceClip
    from posts.services import interactions, polls, posting
    from posts.services.polls import NewPoll

    viewer, *authors = (
        User.objects.create_user(name, f"{name}@people.example")
        for name in ("viewer", "ana", "ben")
    )
    for author in authors:
        Follow.objects.create(follower=viewer, followed=author)
    ana, ben = authors
    words = [posting.publish(ana, f"The river is high today, walk {n} #tag") for n in range(10)]
    polled = posting.publish(ben, "Which way?", poll=NewPoll(["North", "South"], 3600))
    polls.vote(viewer, polled, 0)
    clip = VoiceClip.objects.create(owner=ana, state="ready", duration_ms=1000, waveform=[50] * 58)
    posting.publish(ana, "Listen", voice_id=clip.pk)
    for number in (1, 2, 3):
        pictured = posting.publish(ben, f"Pictures {number}")
        for place in range(number):
            PostImage.objects.create(
                post=pictured, position=place, file="posts/x.webp", width=4, height=3, alt="A bird"
            )
        Post.objects.filter(pk=pictured.pk).update(image_count=number)
    posting.publish(ben, "Look at this", quote_of=words[0])
    posting.publish(ben, "And this", quote_of=pictured)
    posting.publish(ben, "An answer", reply_to=words[1])
    interactions.repost(ben, words[2])
    interactions.repost(ben, words[3])
    for post in words[::2]:
        interactions.like(viewer, post)
        interactions.bookmark(viewer, post)
    return viewer


def run(checkout: Path) -> dict[str, float]:
    """Measure a checkout in a process of its own, with its own Valkey and an empty database."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder, running_valkey() as valkey:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PARLEY_MODE": "test",
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "REDIS_URL": valkey.url,
        }
        command = [sys.executable, "-m", "tests.bench.templates", "--inside"]
        done = subprocess.run(
            command, cwd=checkout, env=environment, check=True, stdout=subprocess.PIPE
        )
        return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def table(found: dict[str, list[dict[str, float]]]) -> None:
    print("| commit | " + " | ".join(f"{row}, CPU | {row}, HTML" for row in ROWS) + " |")
    print("|---|" + "---|---|" * len(ROWS))
    for name, runs in found.items():
        cells = []
        for row in ROWS:
            cells.append(f"{statistics.median(run[row] for run in runs):.1f} ms")
            cells.append(f"{runs[0][f'{row} bytes'] / 1000:.1f} kB")
        print(f"| {name} | " + " | ".join(cells) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.templates", description=__doc__)
    parser.add_argument("--commit", help="measure this commit, too")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(measure()))
        return
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        checkouts = {"this": ROOT}
        if options.commit:
            checkouts[options.commit] = Path(folder) / "other"
            worktree = ("git", "-C", str(ROOT), "worktree")
            other = str(checkouts[options.commit])
            subprocess.run([*worktree, "add", "-q", "--detach", other, options.commit], check=True)
            shutil.copy(ROOT / HERE, Path(other) / HERE)
        try:
            found: dict[str, list[dict[str, float]]] = {name: [] for name in checkouts}
            for _ in range(ROUNDS):
                for name, checkout in checkouts.items():
                    found[name].append(run(checkout))
            table(found)
        finally:
            if options.commit:
                subprocess.run([*worktree, "remove", "--force", other], check=True)


if __name__ == "__main__":
    main()
