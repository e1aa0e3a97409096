import pytest
from django.urls import reverse

from accounts.models import Report, User
from accounts.services import relationships
from posts.services import posting
from tests.accounts.people import browser_of, person


def test_it_takes_a_report_with_what_was_said_at_the_time(maya: User, budi: User) -> None:
    post = posting.publish(maya, "Cheap watches")
    browser, url = browser_of(budi), f"/report/post/{post.pk}/"
    assert "Cheap watches" in browser.get(url).content.decode()
    assert (
        browser.post(url, {"reason": "spam", "text": " Really. "})["Location"]
        == post.get_absolute_url()
    )
    posting.delete(maya, post)
    row = Report.objects.get()
    assert (row.reporter, row.target_text, row.reason, row.text) == (
        budi,
        "Cheap watches",
        "spam",
        "Really.",
    )


def test_it_keeps_one_open_report_of_each_person(maya: User, budi: User, noor: User) -> None:
    for who in (budi, budi, noor):
        browser_of(who).post(f"/report/person/{maya.pk}/", {"reason": "other"})
    assert Report.objects.count() == 2
    Report.objects.update(state=Report.State.DISMISSED)
    browser_of(budi).post(f"/report/person/{maya.pk}/", {"reason": "other"})
    assert Report.objects.count() == 3  # It went on after staff had looked.


def test_it_lets_one_report_whom_one_blocked(maya: User, budi: User) -> None:
    relationships.block(maya, budi)
    assert browser_of(maya).get(f"/report/person/{budi.pk}/").status_code == 200
    assert browser_of(budi).get(f"/report/person/{maya.pk}/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/report/post/99999/", "/report/nonsense/1/", "/report/person/99999/"]
)
def test_it_finds_nothing_to_report(maya: User, path: str) -> None:
    assert browser_of(maya).get(path).status_code == 404


def test_it_hides_protected_posts_from_strangers_here_too(budi: User) -> None:
    post = posting.publish(person("citra", is_protected=True), "Among friends")
    assert browser_of(budi).get(f"/report/post/{post.pk}/").status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"reason": "boredom"}, {"reason": "spam", "text": "x" * 1001}]
)
def test_it_asks_for_a_reason(maya: User, budi: User, body: dict[str, str]) -> None:
    assert browser_of(budi).post(f"/report/person/{maya.pk}/", body).status_code == 422
    assert not Report.objects.exists()


def test_it_sends_visitors_to_the_log_in(maya: User) -> None:
    assert browser_of(None).get(f"/report/person/{maya.pk}/").status_code == 302


def test_it_keeps_the_queue_from_everybody_else(maya: User) -> None:
    assert browser_of(maya).get(reverse("admin:accounts_report_changelist")).status_code == 302
