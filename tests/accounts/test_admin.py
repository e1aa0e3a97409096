import pytest
from django.urls import reverse

from accounts.models import User
from posts.services import posting
from tests.accounts.people import browser_of, person


@pytest.fixture
def staff(db: None) -> User:
    return person("staff1", is_staff=True, is_superuser=True)


@pytest.mark.parametrize(
    "page", ["accounts_user", "accounts_follow", "accounts_block", "accounts_report", "posts_post"]
)
def test_it_lists_everything(staff: User, maya: User, page: str) -> None:
    posting.publish(maya, "Hello")
    assert browser_of(staff).get(reverse(f"admin:{page}_changelist"), {"q": "maya"}).status_code == 200


def test_it_shows_and_adds_people(staff: User, maya: User) -> None:
    browser = browser_of(staff)
    assert browser.get(reverse("admin:accounts_user_change", args=[maya.pk])).status_code == 200
    body = {
        "handle": "new",
        "email": "new@people.example",
        "password1": "a-long-sentence",
        "password2": "a-long-sentence",
    }
    answer = browser.post(reverse("admin:accounts_user_add"), body | {"usable_password": "true"})
    assert answer.status_code == 302
    assert User.objects.filter(handle="new").exists()


def test_it_suspends_others_and_not_oneself(staff: User, maya: User) -> None:
    body = {"action": "suspend", "_selected_action": [maya.pk, staff.pk]}
    browser_of(staff).post(reverse("admin:accounts_user_changelist"), body)
    maya.refresh_from_db()
    staff.refresh_from_db()
    assert (maya.is_active, staff.is_active) == (False, True)
    browser_of(staff).post(
        reverse("admin:accounts_user_changelist"), {"action": "reinstate", "_selected_action": [maya.pk]}
    )
    maya.refresh_from_db()
    assert maya.is_active
