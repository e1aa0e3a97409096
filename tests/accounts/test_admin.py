import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Decision, Report, User
from accounts.moderation import reports
from posts.services import posting
from tests.accounts.people import browser_of, person, staff_member


@pytest.fixture
def staff(db: None) -> User:
    return staff_member()


LISTS = [
    *(
        "accounts_user",
        "accounts_moderateduser",
        "accounts_follow",
        "accounts_block",
        "accounts_report",
        "accounts_decision",
        "accounts_appeal",
    ),
    *(
        "accounts_suspension",
        "posts_post",
        "posts_fleet",
        "spaces_space",
        "spaces_auditentry",
        "spaces_reminder",
    ),
]


@pytest.mark.parametrize("page", LISTS)
def test_it_lists_everything(staff: User, maya: User, page: str) -> None:
    posting.publish(maya, "Hello")
    assert (
        browser_of(staff).get(reverse(f"admin:{page}_changelist"), {"q": "maya"}).status_code == 200
    )


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


def test_it_does_not_let_staff_switch_accounts_off_past_the_log(staff: User, maya: User) -> None:
    page = (
        browser_of(staff)
        .get(reverse("admin:accounts_user_change", args=[maya.pk]))
        .content.decode()
    )
    assert 'name="is_active"' not in page


def test_it_tells_on_its_first_page_how_it_goes(staff: User, maya: User, budi: User) -> None:
    reports.report(budi, "person", maya.pk, Report.Reason.SPAM)
    page = browser_of(staff).get("/admin/").content.decode()
    for words in (
        "open reports",
        "Live rooms",
        "Worker clock",
        "Relay",
        "Nobody can be heard.",
        "@maya",
    ):
        assert words in page


def test_its_first_page_asks_no_more_for_more_reports(staff: User) -> None:
    def queries(*numbers: int) -> int:
        for number in numbers:
            reports.report(
                person(f"by{number}"), "person", person(f"about{number}").pk, Report.Reason.SPAM
            )
        browser = browser_of(staff)
        browser.get("/admin/")
        with CaptureQueriesContext(connection) as counted:
            browser.get("/admin/")
        return len(counted)

    assert queries(1, 2) == queries(3, 4, 5)


def test_it_removes_posts_and_writes_it_down(staff: User, maya: User) -> None:
    post = posting.publish(maya, "Cheap watches")
    body = {"action": "remove", "_selected_action": [post.pk]}
    browser_of(staff).post(reverse("admin:posts_post_changelist"), body)
    assert not maya.posts.exists()
    assert Decision.objects.get().target_text == "Cheap watches"
