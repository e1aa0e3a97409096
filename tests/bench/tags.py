"""How long it takes to read the tags of a town anew, and whether its people notice.

    python -m tests.bench.tags [--posts 50000]

On SQLite and on PostgreSQL, each in a process of its own: posts with the tags that the former rules
found, a third of them wrong; then the steps, one after the other as a worker does them, while
somebody else opens a tag page and writes a post over and over.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TypeVar

from tests.bench.meter import percentile
from tests.stack.postgres import running_postgres
from tests.stack.valkey import running_valkey

ROOT = Path(__file__).resolve().parents[2]
FORMER = re.compile(r"(?<![\w#&/])#(\w{0,99}[^\W\d_]\w{0,99})")
TAGS = ["#river", "#Market", "#kopi", "#हिन्दी", "#cafe\u0301", "＃東京"]
PEOPLE = 50
Result = TypeVar("Result")


def measure(posts: int) -> dict[str, float]:
    import django

    django.setup()
    from django.core.management import call_command

    from posts.services import hashtags, timelines

    call_command("migrate", verbosity=0)
    people = fill(posts)
    shown = len(timelines.with_hashtag("river", None).entries)
    assert shown == timelines.PAGE
    reads: list[float] = []
    writes: list[float] = []
    is_over = threading.Event()
    guest = threading.Thread(target=live, args=(people[0], is_over, reads, writes), name="guest")
    guest.start()
    steps: list[float] = []
    begun, cpu_begun = time.monotonic(), time.thread_time()
    below = timed(steps, hashtags.read_anew)
    while below:
        below = timed(steps, hashtags.read_anew, below)
    took, cpu = time.monotonic() - begun, time.thread_time() - cpu_begun
    is_over.set()
    guest.join()
    for tag in TAGS:
        assert len(timelines.with_hashtag(tag[1:], None).entries) == timelines.PAGE, tag
    return {
        "seconds": took,
        "CPU of them": cpu,
        "steps": len(steps),
        "step median, ms": percentile(steps, 0.5),
        "step p95, ms": percentile(steps, 0.95),
        "longest step, ms": max(steps),
        "tag pages": len(reads),
        "page p95, ms": percentile(reads, 0.95),
        "page longest, ms": max(reads),
        "writes p95, ms": percentile(writes, 0.95),
        "writes longest, ms": max(writes),
    }


def fill(posts: int) -> list[int]:
    """Return the ids of the authors. Every fifth post has a tag."""
    from django.utils import timezone

    from accounts.models import User
    from posts.models import Hashtag, Post

    chance = random.Random(20261129)
    words = ["river", "water", "bridge", "morning", "rain", "garden", "kitchen", "table", "lamp"]
    people = User.objects.bulk_create(
        User(handle=f"bench{number}", email=f"bench{number}@people.example", password="!")
        for number in range(PEOPLE)
    )
    for begin in range(0, posts, 5000):
        written = Post.objects.bulk_create(
            Post(
                author=chance.choice(people),
                text=" ".join(chance.choices(words, k=12))
                + (f" {chance.choice(TAGS)}" if chance.random() < 0.2 else ""),
                created_at=timezone.now(),
            )
            for _ in range(begin, min(begin + 5000, posts))
        )
        Hashtag.objects.bulk_create(
            Hashtag(post=post, name=name.casefold(), shown=name, created_at=post.created_at)
            for post in written
            for name in FORMER.findall(post.text)
        )
    return [person.pk for person in people]


def live(author: int, is_over: threading.Event, reads: list[float], writes: list[float]) -> None:
    """Open the page of a tag and write a post, until it is over."""
    from django.db import connection

    from accounts.models import User
    from posts.services import posting, timelines

    person = User.objects.get(pk=author)
    while not is_over.is_set():
        page = timed(reads, timelines.with_hashtag, "river", None)
        assert len(page.entries) == timelines.PAGE
        timed(writes, posting.publish, person, "Nothing new #kopi")
        is_over.wait(0.02)
    connection.close()


def timed(took: list[float], work: Callable[..., Result], *given: object) -> Result:
    begun = time.perf_counter()
    result = work(*given)
    took.append((time.perf_counter() - begun) * 1000)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.tags", description=__doc__)
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--here", action="store_true", help="Measure with the given environment.")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(measure(options.posts)))
        return
    for name, database in (("SQLite", nullcontext("")), ("PostgreSQL", running_postgres())):
        with database as url, running_valkey() as valkey, tempfile.TemporaryDirectory() as folder:
            environment = {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATABASE_URL": url,
                "DATA_DIR": folder,
                "REDIS_URL": valkey.url,
            }
            command = [sys.executable, "-m", "tests.bench.tags", "--here"]
            done = subprocess.run(
                [*command, "--posts", str(options.posts)],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.PIPE,
            )
        figures = json.loads(done.stdout.splitlines()[-1])
        print(f"{name}: " + ", ".join(f"{key} {value:.0f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
