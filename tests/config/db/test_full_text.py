"""Search for words on both databases: the same words find the same things, and nothing typed is a
command.
"""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, connections
from pytest_django import DjangoDbBlocker

from config.db import full_text
from config.db.full_text import Index
from posts.models import Post
from tests.stack.postgres import binaries, running_postgres

POSTS = Index("posts_post", ("text",))
NAMES = Index("posts_post", ("text",), languages=("simple",), by_beginnings=True)
TEXTS = {
    1: "The rivers were running low this morning",
    2: "Perbincangan tentang sungai dan hujan",
    3: "Café by the old bridge, open again",
    4: "It's a 'quoted' \"word\" OR NEAR/2 text:* --",
    5: "Maya Okafor",
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    if binaries() is None and "CI" not in os.environ:
        pytest.skip("no PostgreSQL on this machine")
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A table of posts with just what is searched, on each kind of server."""
    if request.param == "sqlite":
        request.getfixturevalue("db")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM posts_post")
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield "default"
        return
    url = request.getfixturevalue("postgres")
    port = url.split(":")[-1].split("/")[0]
    connections.databases["found"] = connections.databases["default"] | {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "parley",
        "USER": "parley",
        "HOST": "127.0.0.1",
        "PORT": port,
        "OPTIONS": {},
        "TIME_ZONE": None,
    }
    with django_db_blocker.unblock():
        with connections["found"].cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS posts_post")
            cursor.execute(
                "CREATE TABLE posts_post (id bigserial PRIMARY KEY, text varchar(280) NOT NULL)"
            )
        yield "found"
        connections["found"].close()
    del connections.databases["found"]


def write(database: str) -> None:
    with connections[database].cursor() as cursor:
        for pk, text in TEXTS.items():
            if database == "default":
                Post.objects.bulk_create([Post(pk=pk, author_id=_author(), text=text)])
            else:
                cursor.execute("INSERT INTO posts_post (id, text) VALUES (%s, %s)", [pk, text])


def _author() -> int:
    from accounts.models import User

    found, _made = User.objects.get_or_create(
        handle="writer", defaults={"email": "w@people.example"}
    )
    return int(found.pk)


def found(database: str, query: str, index: Index = POSTS) -> set[int]:
    rows = Post.objects.using(database)
    return set(full_text.matching(rows, index, full_text.words(query)).values_list("pk", flat=True))


QUERIES: tuple[tuple[str, set[int]], ...] = (
    ("river", {1}),
    ("RIVERS low", {1}),
    ("low river nothing", set()),
    ("morn", {1}),
    ("sungai hujan", {2}),
    ("bridge open", {3}),
    ("", set()),
    ("  %%% -- ", set()),
    ("'", set()),
    ('"', set()),
    ("quoted word", {4}),
    ("river OR sungai", set()),
    ("text:river", set()),
    ("river*) OR (1", set()),
    ("\\", set()),
    ("river\x00", {1}),
    ("NOT river", set()),
)


def test_it_finds_the_same_on_both(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database)
    assert {query: found(database, query) for query, _expected in QUERIES} == dict(QUERIES)


def test_it_finds_names_by_their_beginnings(database: str) -> None:
    if database == "default":
        pytest.skip("one index a table there; people have theirs, see test_searching")
    full_text.ensure(connections[database], NAMES)
    write(database)
    names = ("may", "ok may", "oka", "afor")
    assert [found(database, query, NAMES) for query in names] == [{5}, {5}, {5}, set()]


def test_it_knows_the_stems_of_indonesian_on_postgresql(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database)
    assert found(database, "bincang") == ({2} if database == "found" else set())


def test_it_follows_what_is_changed_and_deleted(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database)
    with connections[database].cursor() as cursor:
        cursor.execute("UPDATE posts_post SET text = 'A garden now' WHERE id = 1")
        cursor.execute("DELETE FROM posts_post WHERE id = 2")
    assert [found(database, word) for word in ("river", "garden", "sungai")] == [set(), {1}, set()]


def test_it_is_built_once_and_again_where_a_migration_dropped_it(database: str) -> None:
    write(database)
    for _ in range(2):
        full_text.ensure(connections[database], POSTS)
    with connections[database].cursor() as cursor:
        if database == "default":
            # As when Django remakes the table.
            cursor.execute('DROP TRIGGER "posts_post_fts_insert"')
            cursor.execute("UPDATE posts_post SET text = 'Nobody heard this' WHERE id = 5")
        else:
            cursor.execute('DROP INDEX "posts_post_fts"')
    full_text.ensure(connections[database], POSTS)
    assert found(database, "river") == {1}


def test_it_uses_the_index_on_postgresql(database: str) -> None:
    if database == "default":
        pytest.skip("SQLite has no other way to find it")
    full_text.ensure(connections[database], POSTS)
    write(database)
    rows = full_text.matching(Post.objects.using(database), POSTS, ["river"]).values("pk")
    with connections[database].cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        sql, params = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET enable_seqscan = on")
    assert "posts_post_fts" in plan


def test_it_has_the_indexes_of_the_product_after_a_migration(db: None) -> None:
    assert settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%%_fts_%%'"
        )
        assert cursor.fetchone()[0] >= 6
