"""A big town by COPY: `python -m tests.bench.web.seed POSTS PEOPLE`, beside a stack on PostgreSQL.

Follows have a long tail: most people follow a handful, some hundreds, the VIEWERS a thousand each.
Authors write as people do: few much, most little. Prints the VIEWERS' session cookies and their
conversations as one line of JSON.
"""

import functools
import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402  # Only now there are settings to import with.
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from config.db import full_text  # noqa: E402
from posts.services.searching import PEOPLE, POSTS, PROFILES  # noqa: E402

VIEWERS = 64
VIEWER_FOLLOWS = 1000
FIRST_ID = 1_000_000  # Above everything the demo made.
YEAR_S = 365 * 86400
WORDS = re.findall(
    r"\w+",
    "river water bridge morning rain garden kitchen table lamp street market music voice story stone harbour island "
    "boat fish market bread coffee paper letter winter summer festival school teacher train station ticket window "
    "sungai pagi hujan kebun dapur meja lampu jalan pasar musik suara cerita batu pelabuhan pulau perahu ikan roti",
)
TAGS = [f"tag{number}" for number in range(400)]
NULL = "\\N"

Row = tuple[object, ...]


def fill(posts: int, people: int) -> None:
    chance = random.Random(20261121)
    now = timezone.now()
    with connection.cursor() as cursor:
        # Keys are right by construction: no check a row.
        cursor.execute("SET session_replication_role = replica")
        dropped = drop_indexes(cursor)
        copy(cursor, "accounts_user", person_columns(), person_rows(people, now))
        copy(
            cursor,
            "accounts_follow",
            "follower_id, followed_id, created_at",
            follow_rows(people, chance, now),
        )
        copy(cursor, "posts_post", post_columns(), post_rows(posts, people, chance, now))
        copy(cursor, "posts_hashtag", "post_id, name, shown, created_at", tag_rows(posts, now))
        cursor.execute("SET maintenance_work_mem = '512MB'")
        timed("indexes", lambda: [cursor.execute(statement) for statement in dropped])
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in ("accounts_user", "accounts_follow", "posts_post", "posts_hashtag"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
        # Rows that are copied as a replica's call no triggers.
        for index in (POSTS, PEOPLE, PROFILES):
            full_text.renew(connection, index)
        timed("search", functools.partial(full_text.catch_up, for_s=3600))
        timed("VACUUM ANALYZE", lambda: cursor.execute("VACUUM ANALYZE"))


def timed(what: str, work: Callable[[], object]) -> None:
    begun = time.monotonic()
    work()
    sys.stderr.write(f"{what}: {time.monotonic() - begun:.0f} s\n")


def drop_indexes(cursor) -> list[str]:  # type: ignore[no-untyped-def]  # Django's cursor has no type that fits.
    """Drop what is not a constraint; filling a table first and indexing then is many times faster."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename IN ('posts_post', 'accounts_follow', 'posts_hashtag', 'accounts_user')"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        " AND indexdef NOT LIKE %s",
        ["%UNIQUE%"],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def copy(cursor, table: str, columns: str, rows: Iterable[Row]) -> None:  # type: ignore[no-untyped-def]  # As above.
    begun = time.monotonic()
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as sink:
        batch: list[str] = []
        for row in rows:
            batch.append("\t".join(map(str, row)))
            if len(batch) == 5000:
                sink.write("\n".join(batch) + "\n")
                batch.clear()
        if batch:
            sink.write("\n".join(batch) + "\n")
    sys.stderr.write(f"{table}: {time.monotonic() - begun:.0f} s\n")


def person_columns() -> str:
    """Every column that must have a value, whatever migrations added meanwhile."""
    return ", ".join(name for name, _value in person_values(0, timezone.now()))


def person_values(number: int, now: datetime) -> list[tuple[str, object]]:
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
    return [
        (str(field.column), _stored(field.get_prep_value(field.value_from_object(person))))
        for field in _columns()
    ]


def _columns() -> list["django.db.models.Field[object, object]"]:
    return [field for field in User._meta.concrete_fields if field.name != "last_login"]


def _stored(value: object) -> object:
    if value is None:
        return NULL
    return {True: "t", False: "f"}[value] if isinstance(value, bool) else value


def person_rows(people: int, now: datetime) -> Iterator[Row]:
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


def follow_rows(people: int, chance: random.Random, now: datetime) -> Iterator[Row]:
    for number in range(people):
        wanted = (
            VIEWER_FOLLOWS if number < VIEWERS else min(500, int(chance.paretovariate(1.3)) + 1)
        )
        followed = {author_of(people, chance) for _ in range(wanted)}
        while number < VIEWERS and len(followed) < wanted + 1:
            followed.add(author_of(people, chance))
        followed.discard(number)
        for other in list(followed)[:wanted]:
            yield FIRST_ID + number, FIRST_ID + other, now.isoformat()


def author_of(people: int, chance: random.Random) -> int:
    """Few write much, and are followed much."""
    return int(people * chance.random() ** 2.5)


_POST = (
    "id author_id text created_at reply_to_id is_reply root_id repost_of_id quote_of_id is_quote"
)
_REST = "image_count has_poll replies_from like_count reply_count repost_count"


def post_columns() -> str:
    return ", ".join(f"{_POST} {_REST}".split())


def post_rows(posts: int, people: int, chance: random.Random, now: datetime) -> Iterator[Row]:
    start = now - timedelta(seconds=YEAR_S)
    reposted: set[tuple[int, int]] = set()
    for number in range(posts):
        pk, author = FIRST_ID + number, FIRST_ID + author_of(people, chance)
        created = (start + timedelta(seconds=YEAR_S * number / posts)).isoformat()
        kind = chance.random()
        other = FIRST_ID + int(number * chance.random()) if number else 0
        if kind < 0.05 and other and (author, other) not in reposted and other % 20:
            reposted.add((author, other))
            yield (
                pk,
                author,
                "",
                created,
                NULL,
                "f",
                NULL,
                other,
                NULL,
                "f",
                0,
                "f",
                "everyone",
                0,
                0,
                0,
            )
            continue
        text = " ".join(chance.choices(WORDS, k=12)) + (
            f" #{TAGS[number % len(TAGS)]}" if number % 10 == 0 else ""
        )
        answered = other if kind > 0.8 and other else NULL
        is_reply = "t" if answered != NULL else "f"
        likes = int(chance.paretovariate(1.2)) - 1
        yield (
            pk,
            author,
            text,
            created,
            answered,
            is_reply,
            answered,
            NULL,
            NULL,
            "f",
            0,
            "f",
            "everyone",
            likes,
            0,
            0,
        )


def tag_rows(posts: int, now: datetime) -> Iterator[Row]:
    start = now - timedelta(seconds=YEAR_S)
    for number in range(0, posts, 10):
        tag = TAGS[number % len(TAGS)]
        yield (
            FIRST_ID + number,
            tag,
            tag,
            (start + timedelta(seconds=YEAR_S * number / posts)).isoformat(),
        )


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
    viewers = User.objects.filter(pk__in=range(FIRST_ID, FIRST_ID + VIEWERS)).order_by("pk")
    known = [{"handle": viewer.handle, "session": log_in(viewer)} for viewer in viewers]
    sys.stdout.write(json.dumps(known) + "\n")


if __name__ == "__main__":
    main()
