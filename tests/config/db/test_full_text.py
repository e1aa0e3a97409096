"""Search for words on both databases: the same words find the same things, and nothing typed is a
command.
"""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from accounts.models import User
from config.db import full_text
from config.db.folding import pieces
from config.db.word_index import EVENTS, WAITING, Index
from config.text import lines
from posts.models import Post
from posts.services.searching import PEOPLE, POSTS
from tests.stack.postgres import binaries, running_postgres

NAMES = Index("posts_post", ("text",), languages=(), by_beginnings=True, part="name_")
TEXTS = {
    1: "The rivers were running low this morning",
    2: "Perbincangan tentang sungai dan hujan",
    3: "Caf\u00e9 by the old bridge, open again",
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
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
            cursor.execute(
                "CREATE TABLE posts_post (id bigserial PRIMARY KEY, text varchar(10000) NOT NULL)"
            )
        yield "found"
        connections["found"].close()
    del connections.databases["found"]


def write(database: str, texts: dict[int, str]) -> None:
    """Write posts without a model, and let the worker that reads them have its turn."""
    insert(database, texts)
    full_text.catch_up(database, for_s=60)


def insert(database: str, texts: dict[int, str]) -> None:
    if database == "default":
        author = _author()
        Post.objects.bulk_create(Post(pk=pk, author_id=author, text=texts[pk]) for pk in texts)
        return
    with connections[database].cursor() as cursor:
        cursor.executemany("INSERT INTO posts_post (id, text) VALUES (%s, %s)", list(texts.items()))


def _author() -> int:
    found, _made = User.objects.get_or_create(
        handle="writer", defaults={"email": "w@people.example"}
    )
    return int(found.pk)


def found(database: str, query: str, index: Index = POSTS) -> set[int]:
    rows = Post.objects.using(database)
    return set(full_text.matching(rows, index, full_text.words(query)).values_list("pk", flat=True))


def waiting(database: str) -> list[int]:
    with connections[database].cursor() as cursor:
        cursor.execute(f'SELECT row_id FROM "{WAITING}" WHERE index_name = %s', [POSTS.name])
        return [pk for (pk,) in cursor.fetchall()]


# The index of Parley before forms of letters were folded.
EARLIER = {
    "found": (
        "CREATE INDEX posts_post_fts ON posts_post USING gin ((to_tsvector('english', text)))",
    ),
    "default": (
        "CREATE VIRTUAL TABLE posts_post_fts USING fts5"
        "(text, content='posts_post', content_rowid='id')",
        "CREATE TRIGGER posts_post_fts_insert AFTER INSERT ON posts_post "
        "BEGIN INSERT INTO posts_post_fts (rowid, text) VALUES (new.id, new.text); END",
    ),
}
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
    ("\ud83d river", {1}),
    ("-river", {1}),
    ('"low rivers"', {1}),
    ("low* AND river", set()),
    ("text:*", {4}),
    ("OR word", {4}),
    ("^river", {1}),
    ("{river}: low", {1}),
    ("river & !low | (", {1}),
    ("'river':*B", set()),
    ("river <-> low", {1}),
    (f"{'x' * 94} river", set()),
    (f"{' ' * 94} river", {1}),
    (f"{'morning ' * 12}zebra", {1}),
    ("NOT river", set()),
)


def test_it_finds_the_same_on_both(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database, TEXTS)
    assert {query: found(database, query) for query, _expected in QUERIES} == dict(QUERIES)


def test_it_finds_names_by_their_beginnings(database: str) -> None:
    insert(database, TEXTS)
    full_text.ensure(connections[database], NAMES)
    names = ("may", "ok may", "oka", "afor")
    assert [found(database, query, NAMES) for query in names] == [{5}, {5}, {5}, set()]


def test_it_knows_the_stems_of_indonesian_on_postgresql(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database, TEXTS)
    assert found(database, "bincang") == ({2} if database == "found" else set())


# What is searched for, the text, and whether it is found there.
FORMS: tuple[tuple[str, str, bool], ...] = (
    # Words inside sentences of scripts without blanks.
    ("行きます", "明日は東京へ行きますよ", True),
    ("공부", "오늘도 한국어공부를 했어요", True),
    ("ง่าย", "ภาษาไทยไม่ง่ายเลย", True),
    ("猫", "うちの猫がかわいい", True),
    ("猫", "かわいい猫", True),
    ("東京都", "京都と東京", False),
    ("行ます", "明日は東京へ行きますよ", False),
    ("学习", "我在学习中文", True),
    ("ລາວ", "ພາສາລາວງ່າຍ", True),
    ("ខ្មែរ", "ខ្ញុំរៀនភាសាខ្មែរ", True),
    ("ភាសាខ្មែរ", "ភាសា\u200bខ្មែរ", True),
    ("မြန်မာ", "ကျွန်တော်မြန်မာစာသင်တယ်", True),
    ("ラーメン", "昨日のラーメンは美味しい", True),
    ("𠮷野家", "駅前の𠮷野家", True),
    ("งาย", "ภาษาไทยไม่ง่ายเลย", False),
    ("ㄅㄆ", "學ㄅㄆㄇ", True),
    ("한국어 했어요", "오늘도 한국어공부를 했어요", True),
    # Accents and forms.
    ("cafe", "Café by the bridge", True),
    ("café", "the cafe", True),
    ("zurich", "Zürich in May", True),
    ("محمد", "قال مُحَمَّد", True),
    ("مُحَمَّد", "محمد هنا", True),
    ("محمد", "محـــمد", True),
    ("احمد", "أحمد", True),
    ("ایران", "ايران", True),
    ("کتاب", "كتاب", True),
    ("میخواهم", "می\u200cخواهم", True),
    ("елка", "Ёлка горит", True),
    ("ЁЛКА", "елка", True),
    ("замок", "за\u0301мок", True),
    ("ABC", "ＡＢＣ", True),
    ("ｶﾞｷﾞ", "ガギの話", True),
    ("ラーメン", "ﾗｰﾒﾝ屋", True),
    ("ＡＢＣ", "abc", True),
    ("αθηνα", "Αθήνα", True),
    ("ΟΔΟΣ", "οδός", True),
    ("strasse", "Straße", True),
    ("istanbul", "İstanbul", True),
    ("lodz", "Łódź", True),
    ("viet nam", "Việt Nam", True),
    ("cafe", "cafe\u0301", True),
    ("smorrebrod", "smørrebrød", True),
    ("שלום", "שָׁלוֹם", True),
    ("2024", "٢٠٢٤", True),
    ("२०२४", "2024", True),
    ("file", "ﬁle", True),
    ("coop\u00aderation", "cooperation", True),
    # Other letters, whatever marks they have.
    ("иод", "йод", False),
    ("ілак", "їлак", False),
    ("か", "が", False),
    ("हिन्दी", "हिन्दी में", True),
    ("हन्द", "हिन्दी", False),
    ("বাংলা", "বাংলা ভাষা", True),
    ("தமிழ்", "தமிழ் மொழி", True),
    ("موز", "مؤز", False),
    ("กา", "กำ", False),
    # Several words and scripts.
    ("東京 tower", "東京タワー Tower", True),
    ("tower東京", "東京タワー Tower", True),
    ("5月", "来月は5月です", True),
    ("iPhone用ケース", "新しいiPhone用ケースです", True),
    ("東京 大阪", "東京タワー", False),
    ("#東京", "行く #東京 へ", True),
    ("don't", "I don\u2019t know", True),
    ("\u201cword\u201d", "a word", True),
    ("ーー", "ラーメン", False),
)


def test_it_finds_every_form_and_words_inside_sentences(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database, {pk: text for pk, (_, text, _) in enumerate(FORMS, 1)})
    seen = [pk in found(database, query) for pk, (query, _, _) in enumerate(FORMS, 1)]
    assert [row for row, is_found in zip(FORMS, seen, strict=True) if is_found != row[2]] == []


ANY_TEXT = st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=280
)


def test_it_finds_a_text_by_each_of_its_words(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database, {1: "zebra"})

    @example("\ufdfa" * 280)
    @example("あ" * 280)
    @example("x" * 280)
    @example("の1" * 50)
    @example("\u0e33\u0e49 \u0130\u0307 \u1e9e")
    @hypothesis_settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(ANY_TEXT)
    def check(text: str) -> None:
        with connections[database].cursor() as cursor:
            cursor.execute("UPDATE posts_post SET text = %s WHERE id = 1", [lines(text) or "x"])
        full_text.catch_up(database)
        assert waiting(database) == []
        for word in full_text.words(text)[:3]:
            assert found(database, word) == ({1} if any(pieces(word)) else set()), word

    check()


def test_it_takes_any_query(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database, TEXTS)

    @example("\x00")
    @example("\ud800 \udfff")
    @example("\ufdfa" * 300)
    @example('"*:()|&!<->\\')
    @example("猫" * 300)
    @hypothesis_settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=300))
    def check(query: str) -> None:
        assert found(database, query) <= set(TEXTS)

    check()


def test_it_follows_what_is_changed_and_deleted(database: str) -> None:
    full_text.ensure(connections[database], POSTS)
    write(database, TEXTS)
    with connections[database].cursor() as cursor:
        cursor.execute("UPDATE posts_post SET text = 'A garden now' WHERE id = 1")
        cursor.execute("UPDATE posts_post SET text = '' WHERE id = 5")
        cursor.execute("DELETE FROM posts_post WHERE id = 2")
    assert found(database, "sungai") == set()
    assert sorted(waiting(database)) == [1, 5]
    full_text.catch_up(database)
    words = ("river", "garden", "sungai", "maya")
    assert [found(database, word) for word in words] == [set(), {1}, set(), set()]
    assert waiting(database) == []


def test_it_is_built_once_and_again_where_a_migration_dropped_it(database: str) -> None:
    for _ in range(2):
        full_text.ensure(connections[database], POSTS)
    write(database, TEXTS)
    trigger = POSTS.trigger("update")
    with connections[database].cursor() as cursor:
        # As when Django remakes the table.
        on_table = ' ON "posts_post"' if database == "found" else ""
        cursor.execute(f'DROP TRIGGER "{trigger}"{on_table}')
        cursor.execute("UPDATE posts_post SET text = 'Nobody heard this' WHERE id = 5")
    full_text.ensure(connections[database], POSTS)
    assert (found(database, "river"), found(database, "heard")) == ({1}, {5})


def test_it_takes_the_place_of_the_index_of_earlier_versions(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "AT_ONCE", 2 * full_text.BATCH)
    with connections[database].cursor() as cursor:
        if database == "default":  # Where the index of now is there already.
            for event in EVENTS:
                cursor.execute(f'DROP TRIGGER "{POSTS.trigger(event)}"')
            cursor.execute(f'DROP TABLE "{POSTS.name}"')
        for statement in EARLIER[database]:
            cursor.execute(statement)
    insert(database, {pk: f"Number {pk} {'old' if pk == 1 else ''}" for pk in range(1, 1202)})
    full_text.ensure(connections[database], POSTS)
    assert found(database, "1201") == {1201}, "the newest are read by the migration"
    assert (found(database, "old"), len(waiting(database))) == (set(), 201)
    write(database, {2000: "written meanwhile"})
    assert (found(database, "old"), found(database, "meanwhile")) == ({1}, {2000})
    catalogue = "pg_class" if database == "found" else "sqlite_master"
    name = "relname" if database == "found" else "name"
    with connections[database].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {catalogue} WHERE {name} LIKE 'posts_post_fts%%'")
        assert cursor.fetchone() == (0,)


def test_it_goes_on_where_it_was_stopped(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    full_text.ensure(connections[database], POSTS)
    monkeypatch.setattr(full_text, "BATCH", 2)
    insert(database, TEXTS)
    full_text.catch_up(database, for_s=0)
    assert len(waiting(database)) == 5, "no time, no work"
    assert full_text._read_batch(connections[database], POSTS)
    assert (sorted(waiting(database)), found(database, "maya")) == ([1, 2, 3], {5})
    full_text.catch_up(database)
    full_text.catch_up(database)
    assert (waiting(database), found(database, "river")) == ([], {1})


def test_it_reads_a_few_people_while_many_posts_wait(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_text, "BATCH", 1)
    author = _author()
    Post.objects.bulk_create(Post(author_id=author, text=f"Number {n}") for n in range(300))
    User.objects.bulk_create([User(handle="eve", email="eve@people.example")])
    seen = []

    def read(connection: BaseDatabaseWrapper, index: Index) -> bool:
        seen.append(index.name)
        return read_batch(connection, index)

    read_batch = full_text._read_batch
    monkeypatch.setattr(full_text, "_read_batch", read)
    full_text.catch_up(for_s=60)
    assert PEOPLE.name in seen[: len(full_text._kept)]
    assert waiting("default") == []


def test_it_uses_the_index_on_postgresql(database: str) -> None:
    if database == "default":
        pytest.skip("SQLite has no other way to find it")
    full_text.ensure(connections[database], POSTS)
    write(database, TEXTS)
    rows = full_text.matching(Post.objects.using(database), POSTS, ["river"]).values("pk")
    with connections[database].cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        sql, params = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("SET enable_seqscan = on")
    assert f"{POSTS.name}_gin" in plan


def test_it_has_the_indexes_of_the_product_after_a_migration(db: None) -> None:
    assert settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
        tables = {name for (name,) in cursor.fetchall()}
    assert tables >= {index.table for index in full_text._kept.values()}
