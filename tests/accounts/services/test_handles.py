"""Handles that nobody can take: of the site's addresses, of official roles, of who was deleted."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.models import RestingHandle, User
from accounts.models.user import HANDLE
from accounts.services import account_deletion, handles
from tests.accounts.people import browser_of, staff_member
from tests.matrix.routes import paths

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
        for name in (part.replace("-", "_") for part in names if not path.startswith(secret)):
            assert not re.search(HANDLE.regex, name) or not is_free(name), path


@pytest.mark.parametrize(
    "handle", ["me", "ME", "@me", "spaces", "Settings", "api", "v1", "muted_words", "ws", "static"]
)
def test_it_refuses_a_sign_up_with_such_a_name(handle: str) -> None:
    assert not signs_up(handle)
    assert "This handle is taken." in (
        Client().post("/account/signup/", {**FORM, "username": handle}).text
    )


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
