"""Each way in which others see something else of an account is told once, after the commit."""

from collections.abc import Callable, Collection
from dataclasses import replace

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.extension_points import registry
from accounts.models import User
from tests.accounts import declared
from tests.accounts.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    found: list[list[int]] = []

    def on_accounts_changed(ids: Collection[int]) -> None:
        found.append(sorted(ids))

    declared.declare_only(monkeypatch, on_accounts_changed=on_accounts_changed)
    return found


def save_all(user: User) -> None:
    user.save()


def save_name(user: User) -> None:
    user.save(update_fields=["display_name", "bio"])


def update_one(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)


def update_what_is_filtered_by(user: User) -> None:
    User.objects.filter(pk=user.pk, is_active=True).update(is_active=False)


def bulk_update(user: User) -> None:
    user.handle = "other"
    User.objects.bulk_update([user], ["handle"])


@pytest.mark.parametrize(
    "change", [save_all, save_name, update_one, update_what_is_filtered_by, bulk_update]
)
def test_it_tells_of_every_way_to_write_what_is_shown(
    change: Callable[[User], None],
    told: list[list[int]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = person("maya")
    with django_capture_on_commit_callbacks(execute=True):
        change(user)
        assert told == [], "Who is told before the commit finds what was before."
    assert told == [[user.pk]]


def save_bio(user: User) -> None:
    user.save(update_fields=["bio", "header", "language"])


def update_log_in(user: User) -> None:
    User.objects.filter(pk=user.pk).update(last_login=timezone.now(), password="x")


def update_nobody(user: User) -> None:
    User.objects.filter(pk=0).update(is_staff=True)


def make_one_more(user: User) -> None:
    person("noor")


@pytest.mark.parametrize("change", [save_bio, update_log_in, update_nobody, make_one_more])
def test_it_says_nothing_of_what_nobody_is_shown(
    change: Callable[[User], None],
    told: list[list[int]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = person("maya")
    with django_capture_on_commit_callbacks(execute=True):
        change(user)
    assert told == []


def test_it_says_nothing_of_what_is_rolled_back(
    told: list[list[int]],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = person("maya")
    with django_capture_on_commit_callbacks(execute=True):
        try:
            with transaction.atomic():
                save_all(user)
                raise RuntimeError
        except RuntimeError:
            pass
    assert told == []


def test_it_keeps_the_change_when_those_who_show_it_fail(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    user = person("maya")

    def fails(ids: Collection[int]) -> None:
        raise RuntimeError("a room is broken")

    broken = replace(declared.extension("broken"), on_accounts_changed=fails)
    monkeypatch.setattr(registry, "_extensions", {"broken": broken})
    with django_capture_on_commit_callbacks(execute=True):
        User.objects.filter(pk=user.pk).update(handle="other")
    assert User.objects.get(pk=user.pk).handle == "other"


@pytest.mark.parametrize("field", ["last_login", "bio", "password"])
def test_it_asks_the_database_nothing_more_when_nothing_shown_is_written(
    field: str, django_assert_num_queries: Callable[[int], object]
) -> None:
    user = person("maya")
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        User.objects.filter(pk=user.pk).update(**{field: getattr(user, field)})
