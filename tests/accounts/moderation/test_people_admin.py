"""Moderators see and suspend people; what makes an account powerful stays with superusers."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db.models import ForeignKey, Model
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from knox.models import AuthToken

from accounts.models import (
    Appeal,
    Decision,
    ModeratedUser,
    Notification,
    Report,
    Suspension,
    User,
)
from accounts.moderation import appeals, decisions, reports
from accounts.moderation.decisions import Reasons
from accounts.moderation.permission import DecisionRefused
from accounts.services import api_tokens
from tests.accounts.people import PASSWORD, add_second_factor, browser_of, person, staff_member

POWERS = (User, Group, EmailAddress, Authenticator, UserSession, AuthToken)


@pytest.fixture
def boss(db: None) -> User:
    return staff_member("boss")


@pytest.fixture
def mod(db: None) -> User:
    """Staff with the permission to moderate, and no other."""
    someone = person("mod", is_staff=True)
    add_second_factor(someone)
    give(someone, Permission.objects.get(codename="moderate"))
    return someone


def give(someone: User, *permissions: Permission) -> None:
    someone.user_permissions.add(*permissions)


def page_of(person: User) -> str:
    return reverse("admin:accounts_moderateduser_change", args=[person.pk])


def decide(staff: User, person: User, do: str, **fields: str) -> HttpResponse:
    url = reverse("admin:accounts_moderateduser_decide", args=[person.pk])
    return browser_of(staff).post(url, {"do": do, **fields})  # type: ignore[return-value]


# --- what moderators do ---------------------------------------------------------------------------


def test_it_suspends_with_reason_note_and_end_and_reinstates(mod: User, maya: User) -> None:
    assert "Suspend for" in browser_of(mod).get(page_of(maya)).text
    decide(mod, maya, "suspend", reason="spam", note="Stop it.", days="7")
    maya.refresh_from_db()
    suspension = Suspension.objects.get()
    decision = suspension.decision
    assert (maya.is_active, decision.note, decision.reason) == (False, "Stop it.", "spam")
    assert suspension.until is not None
    assert round((suspension.until - suspension.began_at).total_seconds() / 86400) == 7
    page = browser_of(mod).get(page_of(maya)).text
    assert "Suspended until" in page and "Stop it." in page
    decide(mod, maya, "reinstate", note="Sorry.", days="1")
    maya.refresh_from_db()
    assert maya.is_active
    log = Decision.objects.order_by("id").values_list("action", "actor_handle", "note")
    assert list(log) == [("suspend", "mod", "Stop it."), ("reinstate", "mod", "Sorry.")]


def test_it_warns_by_alert_and_letter_and_takes_an_answer(
    mod: User, maya: User, django_capture_on_commit_callbacks: object
) -> None:
    decide(mod, maya, "warn", note="No more advertising.")
    decision = Decision.objects.get()
    assert (decision.action, decision.person, decision.actor) == ("warn", maya, mod)
    assert Notification.objects.get(recipient=maya, kind="decision").target_id == decision.pk
    page = browser_of(maya).get(decision.get_absolute_url()).text
    assert "Our staff warns you" in page and "No more advertising." in page
    assert appeals.appeal(decision, "It was none.").person == maya


def test_it_keeps_a_note_that_staff_alone_read(mod: User, maya: User) -> None:
    decide(mod, maya, "note", note="Writes from many accounts.")
    decision = Decision.objects.get()
    assert (decision.action, decision.actor) == ("note", mod)
    assert "Writes from many accounts." in browser_of(mod).get(page_of(maya)).text
    assert not Notification.objects.exists() and not mail.outbox
    assert browser_of(maya).get(decision.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("do", ["warn", "note", "dance", ""])
def test_it_refuses_an_empty_warning_and_what_is_no_deed(mod: User, maya: User, do: str) -> None:
    assert decide(mod, maya, do).status_code == 302
    assert not Decision.objects.exists()


def test_it_works_off_reports_and_appeals_with_the_one_permission(
    mod: User, maya: User, budi: User
) -> None:
    reports.report(budi, "person", maya.pk, Report.Reason.SPAM)
    report = Report.objects.get()
    browser = browser_of(mod)
    url = reverse("admin:accounts_report_decide", args=[report.pk])
    browser.post(url, {"do": "suspend", "days": "1"})
    assert User.objects.get(pk=maya.pk).is_away
    appeal = appeals.appeal(Decision.objects.get(), "Why?")
    Decision.objects.get()  # One decision, by `mod` who may not answer it alone.
    other = person("other", is_staff=True)
    add_second_factor(other)
    give(other, Permission.objects.get(codename="moderate"))
    answer = reverse("admin:accounts_appeal_answer", args=[appeal.pk])
    browser_of(other).post(answer, {"do": "grant"})
    assert not User.objects.get(pk=maya.pk).is_away
    for page in ("report", "decision", "appeal", "suspension", "moderateduser"):
        assert browser.get(reverse(f"admin:accounts_{page}_changelist")).status_code == 200


def test_it_asks_for_the_permission_to_suspend_by_a_report(maya: User, budi: User) -> None:
    helper = person("helper", is_staff=True)
    add_second_factor(helper)
    give(helper, *Permission.objects.filter(codename__in=("view_report", "change_report")))
    reports.report(budi, "person", maya.pk, Report.Reason.SPAM)
    report = Report.objects.get()
    browser = browser_of(helper)
    page = browser.get(reverse("admin:accounts_report_change", args=[report.pk])).text
    assert "Suspend @maya" not in page and "Nothing to do" in page
    url = reverse("admin:accounts_report_decide", args=[report.pk])
    browser.post(url, {"do": "suspend", "days": "1"})
    maya.refresh_from_db()
    assert maya.is_active and decide(helper, maya, "suspend", days="1").status_code == 403


# --- about whom they decide nothing ---------------------------------------------------------------


@pytest.mark.parametrize("do", ["suspend", "reinstate", "warn", "note"])
@pytest.mark.parametrize(
    "whom", ["themselves", "a superuser", "a superuser without staff", "staff"]
)
def test_a_moderator_decides_nothing_about(mod: User, boss: User, whom: str, do: str) -> None:
    hidden = person("hidden", is_superuser=True)
    other = person("other", is_staff=True)
    target = {"themselves": mod, "a superuser": boss, "staff": other}.get(whom, hidden)
    decide(mod, target, do, note="Hm.", days="1")
    target.refresh_from_db()
    assert target.is_active and not Decision.objects.exists()
    page = browser_of(mod).get(page_of(target)).text
    assert 'value="suspend"' not in page and "decide about" in page


def test_a_superuser_decides_about_staff_but_not_about_themselves(boss: User, mod: User) -> None:
    decide(boss, boss, "suspend", days="1")
    decide(boss, mod, "suspend", days="1")
    boss.refresh_from_db()
    mod.refresh_from_db()
    assert (boss.is_active, mod.is_active) == (True, False)


def test_a_moderator_decides_on_no_report_about_themselves(mod: User, maya: User) -> None:
    reports.report(maya, "person", mod.pk, Report.Reason.SPAM)
    report = Report.objects.get()
    url = reverse("admin:accounts_report_decide", args=[report.pk])
    browser_of(mod).post(url, {"do": "dismiss"})
    report.refresh_from_db()
    assert report.state == "open"


def test_a_moderator_answers_no_appeal_of_their_own(boss: User, mod: User) -> None:
    appeal = appeals.appeal(decisions.warn(mod, boss, Reasons(note="Hm.")), "No.")
    for_mod = reverse("admin:accounts_appeal_answer", args=[appeal.pk])
    browser_of(mod).post(for_mod, {"do": "grant"})
    assert Appeal.objects.get().state == "open"
    with pytest.raises(DecisionRefused):
        appeals.answer(appeal, mod, grant=True, text="")


# --- rights, addresses, passwords, log-ins --------------------------------------------------------


def powers_of(someone: User) -> list[object]:
    """Return all that decides what an account can do, as rows."""
    row = User.objects.filter(pk=someone.pk).values().get()
    return [
        row,
        list(someone.groups.values_list("pk")),
        list(someone.user_permissions.values_list("pk")),
        list(EmailAddress.objects.filter(user=someone).values()),
        list(Authenticator.objects.filter(user=someone).values()),
        list(UserSession.objects.filter(user=someone).values()),
        list(AuthToken.objects.filter(user=someone).values()),
        list(Group.objects.values("pk", "name", "permissions")),
    ]


def equip(someone: User) -> None:
    EmailAddress.objects.create(user=someone, email=someone.email, verified=False, primary=True)
    assert api_tokens.issue(someone) is not None
    key = browser_of(someone).session.session_key
    UserSession.objects.create(user=someone, ip="127.0.0.1", session_key=key)


# Every name of a form that gives power, whichever form it is.
HARMFUL = {
    "handle": "owned",
    "email": "thief@example.org",
    "is_staff": "on",
    "is_superuser": "on",
    "is_active": "",
    "usable_password": "true",
    "password": "x",
    "password1": "a-long-sentence",
    "password2": "a-long-sentence",
    "verified": "on",
    "primary": "on",
    "type": "totp",
    "data": '{"secret": "JBSWY3DPEHPK3PXP"}',
    "name": "Gods",
    "permissions": "1",
    "post": "yes",
    "_selected_action": "1",
    "index": "0",
    "_save": "Save",
    "_popup": "1",
}
LIST_SLASHES = reverse("admin:accounts_user_changelist").count("/")
ACTIONS = ("delete_selected", "make_verified", "remove", "end_rooms")


def admin_urls(rows: dict[type[Model], int]) -> list[str]:
    """Return all addresses of the staff's site, with a row of each kind where one is needed."""
    found = [reverse("admin:index"), reverse("admin:autocomplete")]
    found += [
        reverse("admin:app_list", args=[label]) for label in ("accounts", "auth", "mfa", "knox")
    ]
    for model, model_admin in admin.site._registry.items():
        pk = rows.get(model, 1)
        for pattern in model_admin.get_urls():
            name = getattr(pattern, "name", None)
            if not name:
                continue
            for args in ([], [pk], [pk, 0]):
                try:
                    found.append(reverse(f"admin:{name}", args=args))
                except NoReverseMatch:
                    continue
    return sorted(set(found))


def attack(browser: Client, url: str, target: User, group: Group) -> None:
    body = {**HARMFUL, "groups": str(group.pk), "user_permissions": "1", "user": str(target.pk)}
    browser.get(url)
    browser.get(url, {"_popup": "1", "_to_field": "id"})
    browser.post(url, body)
    for action in ACTIONS if url.count("/") == LIST_SLASHES else ():
        browser.post(url, {**body, "action": action, "_selected_action": str(target.pk)})


@pytest.mark.parametrize("who", ["the moderator", "another user"])
def test_no_address_of_the_admin_gives_a_moderator_power(
    mod: User, maya: User, budi: User, who: str
) -> None:
    """With every permission that there is, but for being a superuser."""
    give(mod, *Permission.objects.all())
    group = Group.objects.create(name="Helpers")
    target = mod if who == "the moderator" else maya
    reports.report(budi, "person", maya.pk, Report.Reason.SPAM)
    browser = browser_of(mod)
    for someone in (mod, maya):
        equip(someone)
    rows: dict[type[Model], int] = {
        User: target.pk,
        ModeratedUser: target.pk,
        Group: group.pk,
        EmailAddress: EmailAddress.objects.get(user=target).pk,
        Report: Report.objects.get().pk,
    }
    before = powers_of(target)
    urls = admin_urls(rows)
    assert len(urls) > 60, "The walk finds the pages."
    for url in urls:
        attack(browser, url, target, group)
        assert powers_of(target) == before, url


@pytest.mark.parametrize("model", POWERS, ids=lambda model: model.__name__)
def test_pages_of_power_are_closed_to_a_moderator_with_every_permission(
    mod: User, boss: User, model: type[Model]
) -> None:
    give(mod, *Permission.objects.all())
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    for page in ("changelist", "add"):
        assert browser_of(mod).get(reverse(f"{name}_{page}")).status_code == 403
        assert browser_of(boss).get(reverse(f"{name}_{page}")).status_code == 200
    for page in ("change", "delete"):
        assert browser_of(mod).get(reverse(f"{name}_{page}", args=[mod.pk])).status_code == 403
    index = browser_of(mod).get("/admin/").text
    assert reverse(f"{name}_changelist") not in index


def test_every_model_of_a_package_is_a_superusers(mod: User) -> None:
    """Also one that is registered tomorrow."""
    give(mod, *Permission.objects.all())
    ours = {"accounts", "posts", "spaces"}
    browser = browser_of(mod)
    foreign = [model for model in admin.site._registry if model._meta.app_label not in ours]
    assert {model.__name__ for model in foreign} >= {"Group", "EmailAddress", "AuthToken"}
    for model in foreign:
        opts = model._meta
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        assert browser.get(url).status_code == 403, url


def test_no_page_of_a_moderator_shows_an_address_or_a_hash(mod: User, maya: User) -> None:
    maya.email = "secret-address@people.example"
    maya.save()
    browser = browser_of(mod)
    texts = [browser.get(url).text for url in (page_of(maya), "/admin/")]
    listed = reverse("admin:accounts_moderateduser_changelist")
    texts += [browser.get(listed, {"q": word}).text for word in ("", "maya")]
    assert not any("secret-address" in text or maya.password in text for text in texts)
    assert "@maya" not in browser.get(listed, {"q": "secret-address"}).text
    assert browser.get(page_of(maya)).text.count('name="email"') == 0


SECRETS = (
    "email",
    "password",
    "is_superuser",
    "is_staff",
    "authenticator__data",
    "auth_token_set__digest",
)


@pytest.mark.parametrize("field", SECRETS)
def test_no_filter_reads_a_secret_letter_by_letter(mod: User, maya: User, field: str) -> None:
    give(mod, *Permission.objects.all())
    browser = browser_of(mod)
    for model, model_admin in admin.site._registry.items():
        opts = model._meta
        if not model_admin.has_view_permission(browser.get("/admin/").wsgi_request):
            continue
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        paths = [one.name for one in opts.fields if isinstance(one, ForeignKey)]
        paths = [f"{path}__" for path in paths] + ([""] if issubclass(model, User) else [])
        for path in paths:
            answer = browser.get(url, {f"{path}{field}__startswith": "a"})
            assert answer.status_code in (302, 400), f"{url} {path}{field}"


def test_staff_change_their_password_where_everybody_does(mod: User) -> None:
    answer = browser_of(mod).get("/admin/password_change/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/password/change/")
    mod.refresh_from_db()
    assert mod.check_password(PASSWORD)
