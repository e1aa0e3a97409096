"""An upgrade of a running site: from `prepare` of a new release until its webs are started again,
the former one goes on writing into the new tables.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

pytestmark = pytest.mark.django_db
APPS = ("accounts", "posts", "spaces")
# The last migration of each app in a release that sites run.
RELEASES = {
    "2026-11-21": {
        "accounts": "0007_notices",
        "posts": "0009_draft_media",
        "spaces": "0004_recording",
    },
    "2026-11-29, morning": {
        "accounts": "0010_wider_columns",
        "posts": "0010_wider_columns",
        "spaces": "0005_wider_columns",
    },
}
# What a rule of the table asks for and the field does not say.
ASKED: dict[str, dict[str, Any]] = {
    "Post": {"text": "a"},
    "Fleet": {"text": "a"},
    "Conversation": {"name": "a"},
    "Message": {"text": "a"},
    "Space": {"scheduled_for": timezone.now()},
    "Consent": {"given_at": timezone.now()},
    "RecordingConsent": {"given_at": timezone.now()},
    "Clip": {"from_ms": 0, "to_ms": 1000},
}


@pytest.fixture(params=RELEASES)
def former(request: pytest.FixtureRequest) -> Apps:
    loader = MigrationLoader(connection)
    names = RELEASES[request.param].items()
    apps: Apps = loader.project_state(list(names)).apps
    return apps


class Writer:
    """Writes a row of each model, with only what the model asks for."""

    def __init__(self, apps: Apps) -> None:
        self.apps = apps
        self.rows: dict[str, list[models.Model]] = {}
        self.count = 0

    def one_of(self, model: type[models.Model]) -> models.Model:
        """Return a row that is there, each time another one of two."""
        rows = self.rows.setdefault(model._meta.label, [])
        if len(rows) < 2:
            self.write(model)
        rows.append(rows.pop(0))
        return rows[-1]

    def write(self, model: type[models.Model]) -> models.Model:
        values = dict(ASKED.get(model.__name__, {}))
        for field in model._meta.local_fields:
            if field.name not in values and self.is_asked_for(field):
                values[field.name] = self.value_for(field)
        row: models.Model = model._base_manager.create(**values)
        self.rows.setdefault(model._meta.label, []).append(row)
        return row

    def is_asked_for(self, field: "models.Field[Any, Any]") -> bool:
        if field.null or field.has_default() or isinstance(field, models.AutoField):
            return False
        return not (field.blank and not field.unique and field.empty_strings_allowed)

    def value_for(self, field: "models.Field[Any, Any]") -> object:
        self.count += 1
        if isinstance(field, models.ForeignKey):
            related = field.related_model
            if field.unique:
                return self.write(related)
            return self.one_of(related)
        if field.choices:
            return field.choices[0][0]
        for kind, value in self.samples():
            if isinstance(field, kind):
                return value
        raise NotImplementedError(field)

    def samples(self) -> Iterator[tuple[type["models.Field[Any, Any]"], object]]:
        yield models.EmailField, f"a{self.count}@people.example"
        yield models.CharField, f"a{self.count}"
        yield models.TextField, f"a{self.count}"
        yield models.DateTimeField, timezone.now()
        yield models.DateField, timezone.now().date()
        yield models.UUIDField, uuid.uuid4()
        yield models.BooleanField, True
        yield models.IntegerField, self.count
        yield models.GenericIPAddressField, "192.0.2.1"
        yield models.FileField, "a.webp"
        yield models.JSONField, {}


def test_it_takes_every_row_that_the_former_release_writes(former: Apps) -> None:
    writer = Writer(former)
    for app in APPS:
        for model in former.get_app_config(app).get_models():
            writer.write(model)
    assert len(writer.rows) > 40


def test_it_keeps_every_column_that_the_former_release_reads(former: Apps) -> None:
    for app in APPS:
        for model in former.get_app_config(app).get_models():
            list(model._base_manager.all()[:1])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="asks as SQLite is asked")
def test_it_has_a_default_for_every_column_that_is_new(former: Apps) -> None:
    """Of what a row may hold or not, the test above writes only what it must."""
    missing = []
    for app in APPS:
        for model in former.get_app_config(app).get_models():
            known = {field.column for field in model._meta.local_fields}
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA table_info({model._meta.db_table})")
                columns = cursor.fetchall()
            missing += [
                f"{model._meta.db_table}.{name}"
                for _, name, _, is_required, default, _ in columns
                if name not in known and is_required and default is None
            ]
    assert missing == []
