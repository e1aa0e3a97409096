"""What stands between a new version of the code and its first request, and that it is quick."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.test import Client
from knox.models import AuthToken
from pytest_django import Settings

from accounts.models import User
from accounts.services import api_tokens
from config.dev.demo import seeding
from config.dev.demo.people import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_site(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A production with a single static file; return the folder of the sources."""
    source = tmp_path / "sources"
    source.mkdir()
    (source / "a.css").write_text("a {}")
    settings.PRODUCTION, settings.DEMO = True, False
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATICFILES_DIRS = [source]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.http.static_storage.StaticStorage"},
    }
    # django-stubs says nothing of the cache around it.
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    yield source
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]


def prepare() -> str:
    told = StringIO()
    call_command("prepare", stdout=told)
    return told.getvalue()


def test_it_collects_static_files_when_one_has_changed_and_only_then(
    small_site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    save = FileSystemStorage.save

    def noting(storage: FileSystemStorage, name: str, *args: Any, **kwargs: Any) -> str:
        saved.append(name)
        return save(storage, name, *args, **kwargs)

    monkeypatch.setattr(FileSystemStorage, "save", noting)
    assert "static files are collected" in prepare()
    assert saved
    saved.clear()
    assert "static files" not in prepare()
    assert saved == []
    (small_site / "a.css").write_text("b {}")
    assert "static files are collected" in prepare()


def test_it_collects_again_what_was_taken_away(small_site: Path, settings: Settings) -> None:
    prepare()
    (Path(settings.STATIC_ROOT) / "staticfiles.json").unlink()
    assert "static files are collected" in prepare()


# --- the demo's accounts --------------------------------------------------------------------------


@pytest.fixture
def town(settings: Settings) -> User:
    """A site that was a demo, and is none any more; return one of its people."""
    settings.DEMO = False
    seeding.settle()
    seeding.add_numbered(2)
    alice: User = User.objects.get(handle="alice")
    return alice


def test_it_closes_the_accounts_whose_password_everybody_knows(town: User) -> None:
    client = Client()
    client.force_login(town, "allauth.account.auth_backends.AuthenticationBackend")
    issued = api_tokens.issue(town)
    assert issued
    Authenticator.objects.create(user=town, type="totp", data={})
    assert "accounts of the demo are closed" in prepare()
    people = User.objects.filter(handle__in=["alice", "bob", "demo1", "demo2"])
    assert not any(person.check_password(PASSWORD) for person in people)
    assert client.get("/settings/").status_code == 302
    assert not AuthToken.objects.filter(user=town).exists()
    assert not Authenticator.objects.filter(user=town).exists()
    assert "closed" not in prepare()


def test_it_leaves_an_account_with_another_password_and_other_peoples(town: User) -> None:
    town.set_password("a-sentence-of-their-own")
    town.save()
    other = User.objects.create_user("someone", "someone@people.example", PASSWORD)
    prepare()
    for person, password in ((town, "a-sentence-of-their-own"), (other, PASSWORD)):
        assert User.objects.get(pk=person.pk).check_password(password)


def test_it_opens_them_again_in_a_demo(town: User) -> None:
    prepare()
    seeding.settle()
    seeding.add_numbered(1)
    for handle, is_open in (("alice", True), ("demo1", True), ("demo2", False)):
        assert User.objects.get(handle=handle).check_password(PASSWORD) == is_open
