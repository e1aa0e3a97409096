"""Who is away: suspended, leaving, deactivated; by themselves, together, in any order."""

import itertools
from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import Decision, User
from accounts.models.user import not_away
from accounts.moderation import suspensions
from accounts.services import account_deletion
from posts.models import Post
from posts.services import posting
from tests.accounts.queue import keep_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_tasks(monkeypatch)


def suspend(someone: User) -> None:
    decision = Decision.objects.create(
        action=Decision.Action.SUSPEND, person=someone, at=timezone.now()
    )
    suspensions.suspend(someone, decision)


def leave(someone: User) -> None:
    account_deletion.leave(someone, at_once=False)


def come_back(someone: User) -> None:
    if account_deletion.may_come_back(someone):
        account_deletion.come_back(someone)


STEPS: dict[str, Callable[[User], object]] = {
    "suspend": suspend,
    "reinstate": suspensions.reinstate,
    "leave": leave,
    "come_back": come_back,
}


def is_away(someone: User) -> bool:
    """Ask in every way there is, of a row as it is stored now; they must agree."""
    row = User.objects.get(pk=someone.pk)
    answers: set[bool] = {
        row.is_away,
        someone.is_away,
        not User.objects.not_away().filter(pk=someone.pk).exists(),
        not User.objects.filter(not_away()).filter(pk=someone.pk).exists(),
        not User.objects.visible_to(None).filter(pk=someone.pk).exists(),
        not Post.objects.filter(not_away("author"), author=someone).exists(),
    }
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize("steps", list(itertools.product(STEPS, repeat=3)), ids="-".join)
def test_it_is_away_while_anything_says_so(maya: User, steps: tuple[str, ...]) -> None:
    posting.publish(maya, "Hello")
    is_suspended = is_leaving = False
    for step in steps:
        STEPS[step](maya)
        if step in ("suspend", "reinstate"):
            is_suspended = step == "suspend"
        elif step == "leave":
            is_leaving = True
        elif not is_suspended:  # Logging in must not undo what staff decided.
            is_leaving = False
        assert is_away(maya) == (is_suspended or is_leaving), step


def test_it_is_away_when_an_operator_deactivates_it_and_back_when_staff_reinstate(
    maya: User,
) -> None:
    posting.publish(maya, "Hello")
    maya.is_active = False
    maya.save()
    assert is_away(maya)
    assert suspensions.reinstate(maya)
    assert not is_away(maya)
    assert not suspensions.reinstate(maya)  # Nothing was taken.


def test_it_stays_away_when_it_is_suspended_while_it_comes_back(
    maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    posting.publish(maya, "Hello")
    leave(maya)
    may_come_back = account_deletion.may_come_back

    def with_staff_in_between(someone: User) -> object:
        found = may_come_back(someone)
        suspend(someone)
        return found

    monkeypatch.setattr(account_deletion, "may_come_back", with_staff_in_between)
    with pytest.raises(PermissionError):
        account_deletion.come_back(maya)
    maya.refresh_from_db()
    assert is_away(maya)
