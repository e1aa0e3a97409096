"""Handles that nobody can take: of the site's addresses, of official roles, of who was deleted."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Value
from django.db.models.functions import Substr
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import tasks
from accounts.models import RestingHandle, User
from accounts.models.user import HANDLE
from accounts.services import account_deletion, handles
from tests.accounts.people import browser_of, staff_member
from tests.matrix.routes import paths
from tests.source_tree import ROOT

pytestmark = pytest.mark.django_db
FORM = {
    "email": "new@people.example",
    "password1": "a-long-sentence-works",
    "time_zone": "UTC",
}


def signs_up(handle: str) -> bool:
    Client().post("/account/signup/", {**FORM, "username": handle})
    made = User.objects.filter(handle__iexact=handle, email=FORM["email"])
    return bool(made.exists())


def is_free(handle: str) -> bool:
    try:
        handles.check(handle)
    except ValidationError as error:
        assert error.code == "reserved"
        return False
    return True


def test_it_reserves_the_first_part_of_every_address_and_every_name_of_the_api() -> None:
    secret = f"{settings.ADMIN_PATH}/"
    for path in paths():
        parts = path.split("/")
        names = parts if parts[0] == "api" else parts[:1]
        names = [part.removeprefix("^").replace("-", "_") for part in names]
        for name in names if not path.startswith(secret) else []:
            assert not re.search(HANDLE.regex, name) or not is_free(name), path


@pytest.mark.parametrize(
    "handle", ["me", "ME", "@me", "spaces", "Settings", "api", "v1", "muted_words", "ws", "static"]
)
def test_it_refuses_a_sign_up_with_such_a_name(handle: str) -> None:
    assert not signs_up(handle)
    assert "This handle is taken." in (
        Client().post("/account/signup/", {**FORM, "username": handle}).text
    )


def test_it_reads_addresses_that_are_expressions() -> None:
    patterns = [r"^door/(?P<pk>\d+)$", r"api/v1/^rooms/(?P<id>\w+)/left-over/$"]
    assert handles.names_in(patterns) == {"door", "api", "v1", "rooms", "left_over"}


def test_it_reserves_what_nginx_answers_by_itself() -> None:
    locations = re.findall(r"location /([\w-]+)/", (ROOT / "deploy/nginx.conf").read_text())
    assert locations
    for name in locations:
        assert not is_free(name.replace("-", "_")), name


def test_it_takes_other_names() -> None:
    assert signs_up("meadow")


def test_it_does_not_tell_a_secret_path_of_the_admin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ADMIN_PATH", "hidden_door")
    assert handles.names_in(["hidden_door/login/", "posts/<int:pk>/"]) == {"posts"}


def test_it_lets_a_deleted_handle_rest(maya: User) -> None:
    account_deletion.leave(maya, at_once=True)
    assert account_deletion.empty(maya.pk)
    assert not signs_up("maya") and not signs_up("MAYA")
    assert Client().get("/@maya/").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        assert signs_up("maya")


def test_it_lets_a_handle_rest_that_staff_delete(maya: User) -> None:
    User.objects.filter(pk=maya.pk).delete()
    assert not is_free("maya")


def edited(someone: User, **changes: str) -> dict[str, str]:
    fields = ("handle", "email", "time_zone", "direct_messages_from")
    return {**{name: str(getattr(someone, name)) for name in fields}, **changes}


def rename(someone: User, handle: str) -> int:
    page = reverse("admin:accounts_user_change", args=[someone.pk])
    return browser_of(staff_member()).post(page, edited(someone, handle=handle)).status_code


def test_it_lets_the_former_handle_rest_when_somebody_is_renamed(maya: User) -> None:
    assert rename(maya, "maja") == 302
    maya.refresh_from_db()
    assert maya.handle == "maja"
    assert not signs_up("maya")


def by_save(someone: User, handle: str) -> None:
    someone.handle = handle
    someone.save()


def by_save_of_the_field(someone: User, handle: str) -> None:
    someone.handle = handle
    someone.save(update_fields=["handle"])


def by_a_row_of_its_id(someone: User, handle: str) -> None:
    User(pk=someone.pk, handle=handle, email=someone.email, password="!").save()


def by_update(someone: User, handle: str) -> None:
    User.objects.filter(handle=someone.handle).update(handle=handle)


def by_an_expression(someone: User, handle: str) -> None:
    User.objects.filter(pk=someone.pk).update(handle=Substr(Value(f"x{handle}"), 2))


def by_bulk_update(someone: User, handle: str) -> None:
    someone.handle = handle
    User.objects.bulk_update([someone], ["handle"])


def by_update_or_create(someone: User, handle: str) -> None:
    User.objects.update_or_create(pk=someone.pk, defaults={"handle": handle})


def by_asave(someone: User, handle: str) -> None:
    someone.handle = handle
    async_to_sync(someone.asave)()


WAYS = [
    *(by_save, by_save_of_the_field, by_a_row_of_its_id, by_update, by_an_expression),
    *(by_bulk_update, by_update_or_create, by_asave),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_lets_the_former_handle_rest_however_somebody_is_renamed(
    maya: User, budi: User, way: Callable[[User, str], None]
) -> None:
    joined = maya.held_since
    way(maya, "maja")
    assert not is_free("maya") and not is_free("MAYA")
    renamed, other = User.objects.get(pk=maya.pk), User.objects.get(pk=budi.pk)
    assert (renamed.handle, renamed.held_since > joined) == ("maja", True)
    assert (other.held_since, is_free("budi")) == (budi.held_since, True)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_keeps_a_handle_that_is_written_in_other_capitals(
    maya: User, way: Callable[[User, str], None]
) -> None:
    way(maya, "MAYA")
    assert User.objects.get(pk=maya.pk).handle_since is None
    assert not RestingHandle.objects.exists()


def test_it_lets_no_handle_rest_when_the_rename_fails(maya: User, budi: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        by_save(maya, "Budi")
    with pytest.raises(IntegrityError), transaction.atomic():
        by_update(User.objects.get(pk=maya.pk), "Budi")
    assert is_free("maya")


def test_it_asks_nothing_more_when_something_else_is_saved(
    maya: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        maya.save(update_fields=["time_zone"])
    with django_assert_num_queries(1):
        User.objects.filter(pk=maya.pk).update(time_zone="Asia/Jakarta")


def test_it_refuses_to_rename_to_a_handle_that_rests_or_is_reserved(maya: User) -> None:
    handles.rest("Budi")
    browser, page = (
        browser_of(staff_member()),
        reverse("admin:accounts_user_change", args=[maya.pk]),
    )
    for handle in ("budi", "me", "spaces"):
        answer = browser.post(page, edited(maya, handle=handle))
        assert (answer.status_code, "This handle is taken." in answer.text) == (200, True)
    new = {"handle": "BUDI", "email": "b@people.example", "usable_password": "true"}
    new |= {"password1": "a-long-sentence", "password2": "a-long-sentence"}
    assert browser.post(reverse("admin:accounts_user_add"), new).status_code == 200


def test_it_lets_staff_change_the_letters_case_and_all_else(maya: User) -> None:
    assert rename(maya, "Maya") == 302
    assert not RestingHandle.objects.exists()


def test_it_lets_staff_give_an_official_name(maya: User) -> None:
    assert not signs_up("support")
    assert rename(maya, "support") == 302


def test_it_rests_again_from_the_last_time_it_was_somebodys() -> None:
    handles.rest("maya")
    with time_machine.travel(timezone.now() + timedelta(days=80)):
        handles.rest("Maya")
    with time_machine.travel(timezone.now() + timedelta(days=100)):
        assert not is_free("maya")


def test_it_forgets_what_has_rested() -> None:
    handles.rest("maya")
    tasks.sweep_accounts()
    assert RestingHandle.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        tasks.sweep_accounts()
    assert not RestingHandle.objects.exists()
