"""A big town in bulk: `python -m tests.bench.web.seed POSTS PEOPLE`, on a database that
`manage.py prepare` made.

Follows have a long tail: most people follow a handful, some hundreds, the VIEWERS a thousand each.
Authors write as people do: few much, most little. Prints the VIEWERS' session cookies and a
conversation of each as one line of JSON.
"""

import functools
import json
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import django

django.setup()

from django.conf import settings  # noqa: E402  # Only now there are settings to import with.
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from config.db import word_index_postgres, word_index_sqlite  # noqa: E402
from config.db.folding import pieces  # noqa: E402
from config.db.word_index import Index, Row  # noqa: E402
from posts.services import messaging  # noqa: E402
from posts.services.searching import PEOPLE, POSTS, PROFILES  # noqa: E402
from spaces.services import scheduling  # noqa: E402

VIEWERS = 64
VIEWER_FOLLOWS = 1000
SPACES = 30
FIRST_ID = 1_000_000  # Above everything the demo made.
YEAR_S = 365 * 86400
BATCH = 5000
WORDS = [
    "river",
    "water",
    "bridge",
    "morning",
    "rain",
    "garden",
    "kitchen",
    "table",
    "lamp",
    "street",
    "market",
    "music",
    "voice",
    "story",
    "stone",
    "harbour",
    "island",
    "boat",
    "fish",
    "market",
    "bread",
    "coffee",
    "paper",
    "letter",
    "winter",
    "summer",
    "festival",
    "school",
    "teacher",
    "train",
    "station",
    "ticket",
    "window",
    "sungai",
    "pagi",
    "hujan",
    "kebun",
    "dapur",
    "meja",
    "lampu",
    "jalan",
    "pasar",
    "musik",
    "suara",
    "cerita",
    "batu",
    "pelabuhan",
    "pulau",
    "perahu",
    "ikan",
    "roti",
]
TAGS = [f"tag{number}" for number in range(400)]
TABLES = ("accounts_user", "accounts_follow", "posts_post", "posts_hashtag")
IS_POSTGRES = connection.vendor == "postgresql"

Value = object
Values = tuple[Value, ...]


def fill(posts: int, people: int) -> None:
    chance = random.Random(20261121)
    now = timezone.now()
    with connection.cursor() as cursor:
        # Keys are right by construction: no check a row, no trigger.
        cursor.execute(
            "SET session_replication_role = replica" if IS_POSTGRES else "PRAGMA foreign_keys=OFF"
        )
        dropped = drop_indexes(cursor)
        put(cursor, "accounts_user", person_columns(), person_rows(people, now))
        put(
            cursor,
            "accounts_follow",
            ("follower_id", "followed_id", "created_at"),
            follow_rows(people, chance, now),
        )
        put(cursor, "posts_post", POST, post_rows(posts, people, chance, now))
        put(
            cursor,
            "posts_hashtag",
            ("post_id", "name", "shown", "created_at"),
            tag_rows(posts, now),
        )
        if IS_POSTGRES:
            cursor.execute("SET maintenance_work_mem = '512MB'")
        timed("indexes", lambda: [cursor.execute(statement) for statement in dropped])
    for index in (POSTS, PEOPLE, PROFILES):
        timed(index.name, functools.partial(index_words, index))
    # Its settings end with it, and a fork must not share it.
    connection.close()
    with connection.cursor() as cursor:
        if not IS_POSTGRES:
            cursor.execute("ANALYZE")
            return
        for table in TABLES:
            newest = f"(SELECT max(id) FROM {table})"
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {newest})")
        timed("VACUUM ANALYZE", lambda: cursor.execute("VACUUM ANALYZE"))


def timed(what: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    sys.stderr.write(f"{what}: {time.monotonic() - begun:.0f} s\n")


# no-untyped-def: Django's cursor has no type that fits.
def drop_indexes(cursor) -> list[str]:  # type: ignore[no-untyped-def]
    """Drop what is not a constraint, and all triggers of SQLite.

    Returns what makes them again; filling a table first and indexing then is many times faster.
    """
    if IS_POSTGRES:
        cursor.execute(
            "SELECT 'INDEX', indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            " AND indexdef NOT LIKE %s",
            [[*TABLES], "%UNIQUE%"],
        )
    else:
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN (%s, %s, %s, %s)"
            " AND type IN ('index', 'trigger') AND sql IS NOT NULL AND sql NOT LIKE '%%UNIQUE%%'",
            TABLES,
        )
    found = cursor.fetchall()
    for kind, name, _definition in found:
        cursor.execute(f'DROP {kind} "{name}"')
    return [definition for _kind, _name, definition in found]


# no-untyped-def: as above.
def put(  # type: ignore[no-untyped-def]
    cursor, table: str, columns: Iterable[str], rows: Iterable[Values]
) -> None:
    begun = time.monotonic()
    named = list(columns)
    names = ", ".join(f'"{name}"' for name in named)
    if IS_POSTGRES:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as sink:
            while batch := list(islice(rows := iter(rows), BATCH)):
                sink.write("".join("\t".join(map(_copied, row)) + "\n" for row in batch))
    else:
        places = ", ".join(["%s"] * len(named))
        adapt = connection.ops.adapt_datetimefield_value
        with transaction.atomic():
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({places})",
                [tuple(adapt(v) if isinstance(v, datetime) else v for v in row) for row in rows],
            )
    sys.stderr.write(f"{table}: {time.monotonic() - begun:.0f} s\n")


def _copied(value: Value) -> str:
    """Return a value as COPY reads it; none of ours has a tab or a backslash."""
    if value is None:
        return "\\N"
    return str(value)


def index_words(index: Index) -> None:
    """Put every row into an index of words, on all cores, and build its GIN index then."""
    gin = f'"{index.name}_gin"'
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT min(id), max(id) FROM "{index.table}"')
        low, high = cursor.fetchone()
        if IS_POSTGRES:
            cursor.execute(f"DROP INDEX {gin}")
    ranges = [(index, start, start + BATCH) for start in range(low, high + 1, BATCH)]
    if IS_POSTGRES:
        connection.close()  # A fork must not share it.
        with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
            pool.starmap(_index_range, ranges, chunksize=4)
        with connection.cursor() as cursor:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute(f'CREATE INDEX {gin} ON "{index.name}" USING gin (words)')
    else:
        for each in ranges:
            _index_range(*each)


def _index_range(index: Index, low: int, high: int) -> None:
    columns = ", ".join(f'"{column}"' for column in index.columns)
    server = word_index_postgres if IS_POSTGRES else word_index_sqlite
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f'SELECT id, {columns} FROM "{index.table}" '
            f"WHERE id >= %s AND id < %s AND ({index.has_text(index.table)})",
            [low, high],
        )
        rows = [Row(pk, pieces(" ".join(texts))) for pk, *texts in cursor.fetchall()]
        if rows:
            server.write(cursor, index, rows)


def person_columns() -> list[str]:
    """Every column that must have a value, whatever migrations added meanwhile."""
    return [name for name, _value in person_values(0, timezone.now())]


def person_values(number: int, now: datetime) -> list[tuple[str, Value]]:
    """What the model itself would store for a new person."""
    person = User(
        pk=FIRST_ID + number, handle=f"bench{number}", email=f"bench{number}@people.example"
    )
    person.display_name, person.password, person.date_joined, person.bio = (
        f"Bench {number}",
        "!",
        now,
        "Seeded.",
    )
    fields = [field for field in User._meta.concrete_fields if field.name != "last_login"]
    return [
        (str(field.column), field.get_prep_value(field.value_from_object(person)))
        for field in fields
    ]


def person_rows(people: int, now: datetime) -> Iterator[Values]:
    names = [name for name, _value in person_values(0, now)]
    plain = [value for _name, value in person_values(0, now)]
    places = {name: names.index(name) for name in ("id", "handle", "email", "display_name")}
    for number in range(people):
        row = list(plain)
        row[places["id"]] = FIRST_ID + number
        row[places["handle"]] = f"bench{number}"
        row[places["email"]] = f"bench{number}@people.example"
        row[places["display_name"]] = f"Bench {number}"
        yield tuple(row)


def follow_rows(people: int, chance: random.Random, now: datetime) -> Iterator[Values]:
    for number in range(people):
        wanted = (
            VIEWER_FOLLOWS if number < VIEWERS else min(500, int(chance.paretovariate(1.3)) + 1)
        )
        wanted = min(wanted, people // 4)
        followed = {author_of(people, chance) for _ in range(wanted)}
        while number < VIEWERS and len(followed) < wanted + 1:
            followed.add(author_of(people, chance))
        followed.discard(number)
        for other in list(followed)[:wanted]:
            yield FIRST_ID + number, FIRST_ID + other, now


def author_of(people: int, chance: random.Random) -> int:
    """Few write much, and are followed much."""
    return int(people * chance.random() ** 2.5)


POST = (
    *("id", "author_id", "text", "created_at", "reply_to_id", "is_reply", "root_id"),
    *("repost_of_id", "quote_of_id", "is_quote", "image_count", "has_poll", "replies_from"),
    *("like_count", "reply_count", "repost_count"),
)


def post_rows(posts: int, people: int, chance: random.Random, now: datetime) -> Iterator[Values]:
    """One in five is a reply, one in twenty a repost, one in ten has a hashtag."""
    start = now - timedelta(seconds=YEAR_S)
    reposted: set[tuple[int, int]] = set()
    plain = (None, False, 0, False, "everyone")
    for number in range(posts):
        pk, author = FIRST_ID + number, FIRST_ID + author_of(people, chance)
        created = start + timedelta(seconds=YEAR_S * number / posts)
        kind = chance.random()
        other = FIRST_ID + int(number * chance.random()) if number else 0
        if kind < 0.05 and other and (author, other) not in reposted and other % 20:
            reposted.add((author, other))
            yield pk, author, "", created, None, False, None, other, *plain, 0, 0, 0
            continue
        text = " ".join(chance.choices(WORDS, k=12))
        if number % 10 == 0:
            text += f" #{TAGS[number % len(TAGS)]}"
        answered = other if kind > 0.8 and other else None
        likes = int(chance.paretovariate(1.2)) - 1
        above = (answered, answered is not None, answered, None)
        yield pk, author, text, created, *above, *plain, likes, 0, 0


def tag_rows(posts: int, now: datetime) -> Iterator[Values]:
    start = now - timedelta(seconds=YEAR_S)
    for number in range(0, posts, 10):
        tag = TAGS[number % len(TAGS)]
        yield FIRST_ID + number, tag, tag, start + timedelta(seconds=YEAR_S * number / posts)


def announce_spaces() -> None:
    """What the Spaces tab lists: by those whom most follow."""
    hosts = User.objects.filter(pk__gte=FIRST_ID).order_by("pk")[:SPACES]
    for number, host in enumerate(hosts, 1):
        draft = scheduling.SpaceDraft(title=f"Evening talk {number}")
        scheduling.schedule(host, draft, timezone.now() + timedelta(days=1, hours=number))


def log_in(person: User) -> str:
    """Return the session cookie of somebody who never typed a password."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def main() -> None:
    posts, people = int(sys.argv[1]), int(sys.argv[2])
    fill(posts, people)
    timed("Spaces", announce_spaces)
    viewers = list(User.objects.filter(pk__gte=FIRST_ID).order_by("pk")[:VIEWERS])
    pairs = zip(viewers, [*viewers[1:], viewers[0]], strict=True)
    known = [
        {
            "handle": viewer.handle,
            "session": log_in(viewer),
            "conversation": messaging.send(viewer, other, "Hello").conversation_id,
        }
        for viewer, other in pairs
    ]
    sys.stdout.write(json.dumps(known) + "\n")


if __name__ == "__main__":
    main()
