"""Profiles, muted words, copies of data, leaving, evidence: the last that fits, and one more."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import ProfileForm, SignupFields
from accounts.models import User
from accounts.services import account_deletion, api_tokens, data_export, handles, muted_words
from config.limits import LIMITS
from tests.accounts.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya() -> User:
    return person("maya")


@pytest.mark.parametrize(
    ("field", "most"), [("display_name", LIMITS.display_name_chars), ("bio", LIMITS.bio_chars)]
)
def test_a_profile_takes_as_many_characters_as_it_may(maya: User, field: str, most: int) -> None:
    fits = ProfileForm({field: "x" * most}, instance=maya)
    too_long = ProfileForm({field: "x" * (most + 1)}, instance=maya)
    assert fits.is_valid(), fits.errors
    assert str(most) in str(too_long.errors[field])


def test_a_sign_up_takes_a_name_as_long_as_it_may_be() -> None:
    form = SignupFields({"display_name": "x" * (LIMITS.display_name_chars + 1)})
    assert str(LIMITS.display_name_chars) in str(form.errors["display_name"])


def test_a_stored_profile_holds_the_longest_words(maya: User) -> None:
    maya.display_name = "x" * LIMITS.display_name_chars
    maya.bio = "y" * LIMITS.bio_chars
    maya.full_clean()


def test_a_muted_word_is_as_long_as_it_may_be(maya: User) -> None:
    assert muted_words.add(maya, "x" * LIMITS.muted_word_chars).pk
    with pytest.raises(ValidationError, match=str(LIMITS.muted_word_chars)):
        muted_words.add(maya, "x" * (LIMITS.muted_word_chars + 1))


def test_as_many_words_are_muted_as_may_be(maya: User) -> None:
    for number in range(LIMITS.muted_words):
        muted_words.add(maya, f"word{number}")
    with pytest.raises(ValidationError, match=str(LIMITS.muted_words)):
        muted_words.add(maya, "more")


def test_as_many_tokens_stand_as_may_be(maya: User) -> None:
    for _ in range(LIMITS.api_tokens + 1):
        assert api_tokens.issue(maya)
    assert api_tokens.living(maya).count() == LIMITS.api_tokens


def test_a_handle_rests_as_long_as_it_may(maya: User) -> None:
    maya.delete()
    free_at = timezone.now() + timedelta(seconds=LIMITS.handle_rest_s)
    with time_machine.travel(free_at - timedelta(minutes=1)), pytest.raises(ValidationError):
        handles.check("maya")
    with time_machine.travel(free_at + timedelta(minutes=1)):
        handles.check("maya")


def test_a_copy_of_data_is_asked_for_as_often_as_it_may_be(maya: User) -> None:
    export = data_export.ask(maya)
    export.state = export.State.READY
    export.save(update_fields=["state"])
    again_at = export.created_at + timedelta(seconds=LIMITS.export_every_s)
    with time_machine.travel(again_at - timedelta(seconds=5)):
        assert not data_export.may_ask(maya)
    with time_machine.travel(again_at + timedelta(seconds=5)):
        assert data_export.may_ask(maya)


def test_an_account_can_come_back_as_long_as_it_may(maya: User) -> None:
    deletion = account_deletion.leave(maya, at_once=False)
    left_s = (deletion.due_at - timezone.now()).total_seconds()
    assert 0 <= LIMITS.leave_grace_s - left_s < 60
