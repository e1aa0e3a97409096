"""What the environment may say, and that .env.example says all of it."""

import re
import stat
from pathlib import Path

import environ
import pytest

from config import env
from config.env import ROOT

PRODUCTION = {
    "PARLEY_MODE": "production",
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "parley.example",
    "ORIGINS": "https://parley.example",
}


@pytest.fixture(autouse=True)
def only_the_data_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in documented():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))


def documented() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def read_names() -> set[str]:
    """Every variable that one of the four readers asks for."""
    readers = (
        "config/env.py",
        "config/limits.py",
        "media_relay/config.py",
        "media_relay/egress/config.py",
    )
    texts = [(ROOT / path).read_text() for path in readers]
    return {name for text in texts for name in re.findall(r'"([A-Z][A-Z_]{2,})"', text)} - {
        "INFO",
        "DJANGO_SETTINGS_MODULE",
        "NOTIFY_SOCKET",  # Systemd's own, for the processes that it starts.
    }


def test_it_documents_every_variable_and_no_other() -> None:
    assert documented() == read_names()


def test_it_needs_nothing_on_ones_own_machine(tmp_path: Path) -> None:
    found = env.read()
    assert (found.mode, found.demo, found.debug, found.port) == ("development", True, False, 8000)
    assert found.database_url == f"sqlite:///{tmp_path / 'parley.sqlite3'}"
    assert found.origins == ["http://localhost:8000", "http://127.0.0.1:8000"]
    assert not found.brings_own_redis


def test_it_makes_a_private_key_once_per_data_folder(tmp_path: Path) -> None:
    first, second = env.read().secret_key, env.read().secret_key
    assert first == second
    assert len(first) >= 64
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "ORIGINS"])
def test_it_refuses_production_without(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    with pytest.raises(environ.ImproperlyConfigured, match=missing):
        env.read()


def test_it_has_no_demo_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    assert (env.read().is_production, env.read().demo) == (True, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARLEY_MODE", "holiday"),
        ("LOG_LEVEL", "LOUD"),
        ("PORT", "many"),
        ("PORT", "-1"),
        ("DEMO_ACCOUNTS", "1.5"),
    ],
)
def test_it_names_what_it_cannot_read(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(environ.ImproperlyConfigured, match=f"{name} is '{value}'"):
        env.read()


@pytest.mark.parametrize(
    ("given", "level"), [("", "INFO"), ("warning", "WARNING"), ("Error", "ERROR")]
)
def test_it_takes_a_log_level_in_small_letters(
    monkeypatch: pytest.MonkeyPatch, given: str, level: str
) -> None:
    monkeypatch.setenv("LOG_LEVEL", given)
    assert env.read().log_level == level


def test_it_makes_a_data_folder_for_its_account_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "new"))
    env.read()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_it_takes_an_empty_variable_for_one_that_is_not_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PORT", "REDIS_URL", "DATABASE_URL", "SECRET_KEY", "EMAIL_URL"):
        monkeypatch.setenv(name, "")
    found = env.read()
    assert (found.port, found.brings_own_redis) == (8000, False)
    assert found.database_url.startswith("sqlite:")


def test_it_gives_a_child_everything_and_the_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_OUTSIDE", "yes")
    child = env.for_child(PORT="9")
    assert (child["FROM_OUTSIDE"], child["PORT"]) == ("yes", "9")
