"""The queue of reports: evidence, one-click deeds, the log, appeals."""

import datetime as dt
import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.models import Appeal, Decision, Notification, Report, Suspension, User
from accounts.moderation import appeals, decisions, evidence, reports, suspensions
from accounts.moderation.decisions import Reasons
from accounts.moderation.permission import DecisionRefused
from posts.models import Fleet, Post
from posts.services import messaging, posting
from spaces.models import Space
from spaces.services import captions
from tests.accounts.people import PASSWORD, browser_of, person, staff_member
from tests.spaces.town import live_space

SPAM = Report.Reason.SPAM


@pytest.fixture
def staff(db: None) -> User:
    return staff_member()


def reported(reporter: User, kind: str, pk: int, text: str = "") -> Report:
    reports.report(reporter, kind, pk, SPAM, text)
    return Report.objects.latest("id")


def decide(staff: User, report: Report, do: str, **fields: str) -> Report:
    browser_of(staff).post(
        reverse("admin:accounts_report_decide", args=[report.pk]), {"do": do, **fields}
    )
    report.refresh_from_db()
    return report


def page_of(staff: User, report: Report) -> str:
    return (
        browser_of(staff)
        .get(reverse("admin:accounts_report_change", args=[report.pk]))
        .content.decode()
    )


def test_it_shows_what_was_seen_after_it_is_gone(staff: User, maya: User, budi: User) -> None:
    post = posting.publish(maya, "Cheap watches <b>here</b>")
    report = reported(budi, "post", post.pk, "Look at this")
    posting.delete(maya, post)
    page = page_of(staff, report)
    assert "Cheap watches &lt;b&gt;here" in page and "Look at this" in page and "@maya" in page
    assert "@budi" not in page, "Who reported stays unnamed."


def test_it_keeps_a_fleets_picture_for_staff_alone(staff: User, maya: User, budi: User) -> None:
    fleet = Fleet(author=maya, text="Hm")
    fleet.picture.save("x.webp", ContentFile(b"RIFF....WEBP"), save=False)
    fleet.save()
    report = reported(budi, "fleet", fleet.pk)
    fleet.delete()
    url = reverse("admin:accounts_report_evidence", args=[report.pk, 0])
    answer = browser_of(staff).get(url)
    assert (answer.content, answer["Content-Type"]) == (b"RIFF....WEBP", "image/webp")
    assert (
        browser_of(staff)
        .get(reverse("admin:accounts_report_evidence", args=[report.pk, 1]))
        .status_code
        == 404
    )
    assert browser_of(budi).get(url).status_code == 302
    assert browser_of(None).get(f"/media/{evidence.files_of(report)[0]}").status_code == 404


def test_it_removes_a_post_with_one_click(staff: User, maya: User, budi: User) -> None:
    report = decide(
        staff,
        reported(budi, "post", posting.publish(maya, "Cheap").pk),
        "remove",
        note="Advertising.",
    )
    decision = Decision.objects.get()
    assert not Post.objects.exists()
    assert (report.state, report.handled_by, report.note) == ("acted", staff, "Advertising.")
    assert (decision.action, decision.actor, decision.person, decision.target_text) == (
        "remove",
        staff,
        maya,
        "Cheap",
    )
    assert Notification.objects.get(recipient=maya, kind="decision").target_id == decision.pk


def test_it_removes_a_message_and_keeps_what_was_around_it(
    staff: User, maya: User, budi: User
) -> None:
    messaging.send(budi, maya, "Hello?")
    message = messaging.send(maya, budi, "Buy now")
    report = reported(budi, "message", message.pk)
    assert report.evidence["before"] == ["@budi: Hello?"]
    decide(staff, report, "remove")
    message.refresh_from_db()
    assert (message.text, message.deleted_at is not None) == ("", True)


def test_it_removes_a_fleet(staff: User, maya: User, budi: User) -> None:
    report = reported(budi, "fleet", Fleet.objects.create(author=maya, text="Cheap").pk)
    decide(staff, report, "remove")
    assert not Fleet.objects.exists()


def test_it_ends_a_space_and_shows_its_stage_and_deeds(staff: User, maya: User, budi: User) -> None:
    space = live_space(maya)
    captions.remember(
        space.public_id, captions.Line(maya.pk, "Maya", "Buy my watches", round(time.time() * 1000))
    )
    report = reported(budi, "space", space.pk)
    page = page_of(staff, report)
    assert "@maya (host)" in page and "space.start" in page and "End the Space" in page
    assert "Maya: Buy my watches" in page
    decide(staff, report, "end")
    assert Space.objects.get().end_reason == "moderators"


def test_it_suspends_until_a_day(staff: User, maya: User, budi: User) -> None:
    report = decide(
        staff,
        reported(budi, "person", maya.pk),
        "suspend",
        days="1",
        reason="spam",
        note="A day off.",
    )
    maya.refresh_from_db()
    assert (report.state, maya.is_active) == ("acted", False)
    assert Suspension.objects.open().get(user=maya).until is not None


def test_it_dismisses_without_a_word(staff: User, maya: User, budi: User) -> None:
    report = decide(staff, reported(budi, "person", maya.pk), "dismiss")
    assert (report.state, Decision.objects.get().action) == ("dismissed", "dismiss")
    assert not Notification.objects.exists()


@pytest.mark.parametrize("do", ["end", "dance", "", "overturn"])
def test_it_refuses_what_is_no_deed_here(staff: User, maya: User, budi: User, do: str) -> None:
    report = decide(staff, reported(budi, "person", maya.pk), do)
    assert report.state == "open" and not Decision.objects.exists()


def test_it_decides_once(staff: User, maya: User, budi: User) -> None:
    report = reported(budi, "person", maya.pk)
    decide(staff, report, "dismiss")
    decide(staff, report, "suspend", days="1")
    maya.refresh_from_db()
    assert maya.is_active and Decision.objects.count() == 1


def test_it_says_that_it_is_gone_and_changes_nothing(staff: User, maya: User, budi: User) -> None:
    post = posting.publish(maya, "Cheap")
    report = reported(budi, "post", post.pk)
    posting.delete(maya, post)
    assert decide(staff, report, "remove").state == "open" and not Decision.objects.exists()


def test_it_lets_nobody_else_decide(maya: User, budi: User) -> None:
    report = reported(budi, "person", maya.pk)
    url = reverse("admin:accounts_report_decide", args=[report.pk])
    assert browser_of(maya).post(url, {"do": "dismiss"}).status_code == 302
    helper = staff_member("helper")
    User.objects.filter(pk=helper.pk).update(is_superuser=False)
    assert browser_of(helper).post(url, {"do": "dismiss"}).status_code == 403
    assert browser_of(staff_member("boss")).get(url).status_code == 405
    report.refresh_from_db()
    assert report.state == "open"


def test_the_log_cannot_be_changed_in_code_or_below_it(staff: User, maya: User) -> None:
    decision = decisions.suspend(maya, staff, Reasons())
    for change in (
        decision.save,
        decision.delete,
        Decision.objects.all().delete,
        lambda: Decision.objects.update(note="x"),
    ):
        with pytest.raises(TypeError):
            change()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_decision SET note = 'x'")


def test_it_forgets_evidence_after_thirty_days_but_not_while_it_is_needed(
    staff: User, maya: User, budi: User
) -> None:
    closed, still_open = reported(budi, "person", maya.pk), reported(maya, "person", budi.pk)
    fleet = Fleet(author=maya, text="Hm")
    fleet.picture.save("x.webp", ContentFile(b"RIFF"), save=False)
    fleet.save()
    pictured = reported(budi, "fleet", fleet.pk)
    (name,) = evidence.files_of(pictured)
    decide(staff, closed, "dismiss")
    decide(staff, pictured, "dismiss")
    with time_machine.travel(timezone.now() + dt.timedelta(days=29)):
        assert tasks.forget_evidence() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=31)):
        assert tasks.forget_evidence() == 2
    for report in (closed, still_open, pictured):
        report.refresh_from_db()
    assert (closed.evidence, closed.target_text, still_open.evidence["handle"]) == ({}, "", "budi")
    assert not default_storage.exists(name)


# --- suspending -----------------------------------------------------------------------------------


def test_it_lifts_a_suspension_when_its_time_is_over(staff: User, maya: User, budi: User) -> None:
    until = timezone.now() + dt.timedelta(days=1)
    decisions.suspend(maya, staff, Reasons(until=until))
    decisions.suspend(budi, staff, Reasons())
    assert tasks.lift_suspensions() == 0
    with time_machine.travel(until + dt.timedelta(seconds=1)):
        assert (tasks.lift_suspensions(), tasks.lift_suspensions()) == (1, 0)
    assert list(User.objects.filter(handle__in=("maya", "budi"), is_active=True)) == [maya]


def test_a_second_suspension_takes_the_place_of_the_first(staff: User, maya: User) -> None:
    decisions.suspend(maya, staff, Reasons(until=timezone.now() + dt.timedelta(days=1)))
    decisions.suspend(maya, staff, Reasons())
    assert Suspension.objects.open().get().until is None


def test_it_ends_log_ins(staff: User, maya: User) -> None:
    browser = browser_of(maya)
    assert browser.get("/settings/").status_code == 200
    decisions.suspend(maya, staff, Reasons())
    assert browser.get("/settings/").status_code == 302


@pytest.mark.parametrize("case", ["oneself", "staff by a helper", "an end that has passed"])
def test_it_refuses_some_suspensions(staff: User, maya: User, case: str) -> None:
    helper = person("helper", is_staff=True)
    yesterday = timezone.now() - dt.timedelta(days=1)
    by, whom, until = {
        "oneself": (staff, staff, None),
        "staff by a helper": (helper, staff, None),
        "an end that has passed": (staff, maya, yesterday),
    }[case]
    with pytest.raises(DecisionRefused):
        decisions.suspend(whom, by, Reasons(until=until))
    assert not Decision.objects.exists() and User.objects.get(pk=whom.pk).is_active


# --- appeals --------------------------------------------------------------------------------------


def test_who_is_suspended_reads_and_answers_by_the_letter(staff: User, maya: User) -> None:
    decision = decisions.suspend(maya, staff, Reasons("spam", "Too many watches."))
    tasks.mail_decision(decision.pk)
    (letter,) = mail.outbox
    assert letter.to == [maya.email] and "Too many watches." in letter.body
    path = letter.body[letter.body.index("/appeal/") :].split()[0]
    visitor = browser_of(None)
    assert "Your account is suspended." in visitor.get(path).content.decode()
    assert visitor.post(path, {"text": "It was a gift."}).status_code == 302
    assert Appeal.objects.get().text == "It was a gift."
    assert visitor.post(path, {"text": "Again"}).status_code == 422, "Once."
    assert "It was a gift." in visitor.get(path).content.decode()


@pytest.mark.parametrize("token", ["x", "1:abc:def"])
def test_it_knows_no_forged_letter(staff: User, token: str) -> None:
    assert browser_of(None).get(f"/appeal/{token}/").status_code == 404


def test_a_decision_is_for_whom_it_concerns(staff: User, maya: User, budi: User) -> None:
    post = posting.publish(maya, "Cheap")
    decide(staff, reported(budi, "post", post.pk), "remove")
    url = Decision.objects.get().get_absolute_url()
    assert "A post of yours was removed." in browser_of(maya).get(url).content.decode()
    assert browser_of(budi).get(url).status_code == 404
    assert browser_of(None).get(url).status_code == 302
    assert "decided on something of yours" in browser_of(maya).get("/alerts/").content.decode()


def test_a_granted_appeal_reinstates(staff: User, maya: User) -> None:
    boss = staff_member("boss")
    appeal = appeals.appeal(decisions.suspend(maya, staff, Reasons()), "Please look again.")
    page = (
        browser_of(boss)
        .get(reverse("admin:accounts_appeal_change", args=[appeal.pk]))
        .content.decode()
    )
    assert "Please look again." in page
    browser_of(boss).post(
        reverse("admin:accounts_appeal_answer", args=[appeal.pk]),
        {"do": "grant", "answer": "Sorry."},
    )
    appeal.refresh_from_db()
    maya.refresh_from_db()
    assert (appeal.state, appeal.answered_by, maya.is_active) == ("overturned", boss, True)
    assert Decision.objects.latest("id").action == "overturn"


def test_a_refused_appeal_changes_nothing(staff: User, maya: User) -> None:
    appeal = appeals.appeal(decisions.suspend(maya, staff, Reasons()), "Please.")
    boss = staff_member("boss")
    appeals.answer(appeal, boss, grant=False, text="No.")
    assert suspensions.current(maya) is not None
    with pytest.raises(DecisionRefused):
        appeals.answer(appeal, boss, grant=True, text="Yes after all.")


def test_somebody_else_looks_at_an_appeal(staff: User, maya: User) -> None:
    appeal = appeals.appeal(decisions.suspend(maya, staff, Reasons()), "Please.")
    appeals.answer(appeal, staff, grant=False, text="")  # The only one of the staff may.
    staff_member("boss")
    other = appeals.appeal(decisions.suspend(maya, staff, Reasons()), "Please.")
    with pytest.raises(DecisionRefused):
        appeals.answer(other, staff, grant=False, text="")


def test_what_cannot_be_taken_back_is_not_appealed(staff: User, maya: User) -> None:
    decisions.suspend(maya, staff, Reasons())
    with pytest.raises(DecisionRefused):
        appeals.appeal(decisions.reinstate(maya, staff, Reasons()), "Why?")


def test_who_is_suspended_reads_at_the_log_in_what_that_means(staff: User, maya: User) -> None:
    decisions.suspend(maya, staff, Reasons())
    EmailAddress.objects.create(user=maya, email=maya.email, verified=True, primary=True)
    page = browser_of(None).post(
        "/account/login/", {"login": "maya", "password": PASSWORD}, follow=True
    )
    assert "a letter in your inbox says why" in page.content.decode()
