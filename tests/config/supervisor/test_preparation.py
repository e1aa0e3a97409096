"""When the second start may skip the set-up, and when it must not."""

from dataclasses import replace

import pytest

from config.env import ROOT, Environment
from config.supervisor import preparation
from config.supervisor.preparation import Preparation


@pytest.fixture
def prepared(env: Environment) -> Environment:
    (env.data_dir / "parley.sqlite3").touch()
    Preparation(env).remember()
    return env


def test_it_is_needed_on_the_first_start(env: Environment) -> None:
    assert Preparation(env).is_needed()


def test_it_is_not_needed_again(prepared: Environment) -> None:
    assert not Preparation(prepared).is_needed()


def test_it_is_needed_when_the_database_is_another_file(prepared: Environment) -> None:
    path = prepared.data_dir / "parley.sqlite3"
    path.rename(path.with_suffix(".old"))
    path.touch()
    assert Preparation(prepared).is_needed()


def test_it_is_needed_when_the_database_is_gone(prepared: Environment) -> None:
    (prepared.data_dir / "parley.sqlite3").unlink()
    assert Preparation(prepared).is_needed()


def test_it_is_needed_when_more_demo_accounts_are_wanted(prepared: Environment) -> None:
    assert Preparation(replace(prepared, demo_accounts=10)).is_needed()


def test_it_is_needed_when_a_migration_came(
    prepared: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = ROOT / "manage.py"  # Any file that was not there before will do.
    before = preparation._sources()
    monkeypatch.setattr(preparation, "_sources", lambda: [*before, new])
    assert Preparation(prepared).is_needed()


def test_it_watches_the_migrations_the_demo_and_the_requirements() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in preparation._sources()}
    assert {
        "accounts/migrations/0001_initial.py",
        "config/dev/demo/people.py",
        "requirements.txt",
    } <= names


@pytest.mark.parametrize(
    "change", [{"database_url": "postgres://db/parley"}, {"mode": "production"}]
)
def test_it_is_always_needed_where_a_file_cannot_tell(
    prepared: Environment, change: dict[str, str]
) -> None:
    other = replace(prepared, **change)  # type: ignore[arg-type]  # Only text fields are changed here.
    Preparation(other).remember()
    assert Preparation(other).is_needed()
