"""Who owns an account reads of every change of how it is opened, at each of their addresses."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone

from accounts import tasks
from accounts.models import SecurityLetter, User
from accounts.services import account_deletion, data_export, security_letters
from tests.accounts.fresh import code_now, freshly, recovery_codes_of, with_address
from tests.accounts.people import PASSWORD, add_second_factor, browser_of, person, staff_member
from tests.accounts.queue import keep_tasks

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "another-long-sentence"
SECOND = "second@people.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def worker(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The letters are mailed at once; the copy and the rest wait."""
    return keep_tasks(
        monkeypatch,
        tasks.make_export,
        tasks.empty_account,
        run=(tasks.mail_security_letter, tasks.mail_deletion_date),
    )


@pytest.fixture
def maya(maya: User) -> User:
    """With two addresses, and one whose code was never entered."""
    with_address(maya)
    with_address(maya, SECOND, primary=False)
    EmailAddress.objects.create(user=maya, email="unproved@people.example")
    mail.outbox.clear()
    return maya


def change_password(maya: User) -> None:
    freshly(maya).post("/account/password/change/", {"password1": NEW, "password2": NEW})


def reset_password(maya: User) -> None:
    browser = Client()
    browser.post("/account/password/reset/", {"email": maya.email})
    link = re.search(r"\S+/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert link
    form = browser.get(link[0], follow=True).redirect_chain[-1][0]
    browser.post(form, {"password1": NEW, "password2": NEW})


def set_password_as_staff(maya: User) -> None:
    sent = {"password1": NEW, "password2": NEW}
    browser_of(staff_member()).post(f"/admin/accounts/user/{maya.pk}/password/", sent)


def add_address(maya: User) -> None:
    browser = freshly(maya)
    browser.post("/account/email/", {"action_add": "", "email": "third@people.example"})
    code = re.search(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{2,4})\s*$", str(mail.outbox[-1].body), re.M)
    assert code
    browser.post("/account/confirm-email/", {"code": code[1]})


def make_primary(maya: User) -> None:
    freshly(maya).post("/account/email/", {"action_primary": "", "email": SECOND})


def remove_address(maya: User) -> None:
    freshly(maya).post("/account/email/", {"action_remove": "", "email": SECOND})


def add_app(maya: User) -> None:
    EmailAddress.objects.get(email="unproved@people.example").delete()  # allauth asks for it.
    browser = freshly(maya)
    browser.get("/account/2fa/totp/activate/")
    code = code_now(browser.session["mfa.totp.secret"])
    browser.post("/account/2fa/totp/activate/", {"code": code})


def remove_app(maya: User) -> None:
    add_second_factor(maya)
    mail.outbox.clear()
    freshly(maya, recovery_codes_of(maya)[0]).post("/account/2fa/totp/deactivate/")


def add_passkey(maya: User) -> None:
    Authenticator.objects.create(user=maya, type=Authenticator.Type.WEBAUTHN, data={})


def remove_passkey(maya: User) -> None:
    add_passkey(maya)
    mail.outbox.clear()
    Authenticator.objects.get(user=maya).delete()


def renew_recovery_codes(maya: User) -> None:
    add_second_factor(maya)
    mail.outbox.clear()
    freshly(maya, recovery_codes_of(maya)[0]).post("/account/2fa/recovery-codes/generate/")


def log_in_with_a_program(maya: User) -> None:
    sent = {"handle": "maya", "password": PASSWORD}
    Client().post("/api/v1/auth/token/", sent, content_type="application/json")


def ask_for_a_copy(maya: User) -> None:
    freshly(maya).post("/settings/data/")


def change_handle(maya: User) -> None:
    maya.handle = "maya_okafor"
    maya.save()


NOTHING_TO_DO = ("there is nothing to do", "tidak ada yang perlu dilakukan")


def letters() -> dict[str, EmailMessage]:
    """By address, without the mailed codes and links."""
    own = [one for one in mail.outbox if any(said in str(one.body) for said in NOTHING_TO_DO)]
    assert all(len(one.to) == 1 for one in own)
    found = {one.to[0]: one for one in own}
    assert len(found) == len(own), "One letter an address."
    return found


BOTH = {"maya@people.example", SECOND}
DEEDS: list[tuple[Callable[[User], None], str, set[str]]] = [
    (change_password, "The password of your account @maya was changed.", BOTH),
    (reset_password, "The password of your account @maya was changed.", BOTH),
    (set_password_as_staff, "The password of your account @maya was changed.", BOTH),
    (
        add_address,
        "The address third@people.example was added to your account @maya.",
        {*BOTH, "third@people.example"},
    ),
    (make_primary, f"Letters for your account @maya go to {SECOND} now.", BOTH),
    (remove_address, f"The address {SECOND} was removed from your account @maya.", BOTH),
    (add_app, "Your account @maya asks for a code of an authenticator app now.", BOTH),
    (remove_app, "Your account @maya asks for no code of an app any more.", BOTH),
    (add_passkey, "A passkey opens your account @maya now.", BOTH),
    (remove_passkey, "A passkey of your account @maya was removed.", BOTH),
    (renew_recovery_codes, "new recovery codes; the old ones are void", BOTH),
    (log_in_with_a_program, "A program has logged in to your account @maya", BOTH),
    (ask_for_a_copy, "A copy of all data of your account @maya was asked for.", BOTH),
    (change_handle, "Your account @maya is called @maya_okafor now.", BOTH),
]


@pytest.mark.parametrize(
    ("deed", "sentence", "to"), DEEDS, ids=lambda one: getattr(one, "__name__", "-")
)
def test_it_writes_to_every_verified_address(
    maya: User, deed: Callable[[User], None], sentence: str, to: set[str]
) -> None:
    deed(maya)
    assert set(letters()) == to
    for letter in letters().values():
        body = str(letter.body)
        assert sentence in body
        assert "Set a new password" in body and "/account/password/reset/" in body
        assert "/password/reset/key/" not in body and NEW not in body
        html = str(letter.alternatives[0][0])  # type: ignore[attr-defined]  # Has one in HTML.
        assert "<strong>" in html and "<script" not in html
    assert not SecurityLetter.objects.exists()


def test_it_names_the_browser_and_keeps_secrets_out(maya: User) -> None:
    sent = {"handle": "maya", "password": PASSWORD}
    answer = Client().post(
        "/api/v1/auth/token/",
        sent,
        content_type="application/json",
        headers={"User-Agent": FIREFOX},
        REMOTE_ADDR="203.0.113.7",
    )
    body = str(letters()[SECOND].body)
    assert "Firefox" in body and "203.0.113.7" in body
    assert answer.json()["token"][:8] not in body


def test_it_names_no_browser_of_the_staff(maya: User) -> None:
    set_password_as_staff(maya)
    assert "From:" not in str(letters()[SECOND].body)


@pytest.mark.parametrize(
    ("zone", "language", "words"),
    [
        ("Pacific/Kiritimati", "", ["3 March 2026, 01:34", "(Pacific/Kiritimati)"]),
        ("America/Los_Angeles", "", ["2 March 2026, 03:34"]),
        ("Asia/Jakarta", "id", ["3 Maret 2026, 6.34"]),
    ],
)
def test_it_writes_as_its_reader_reads(
    maya: User, zone: str, language: str, words: list[str]
) -> None:
    User.objects.filter(pk=maya.pk).update(time_zone=zone, language=language)
    maya.refresh_from_db()
    with time_machine.travel("2026-03-02T11:34:00Z" if not language else "2026-03-02T23:34:00Z"):
        change_handle(maya)
    body = str(letters()["maya@people.example"].body)
    assert [word for word in words if word not in body] == []


def test_it_writes_nothing_to_an_address_that_was_never_proved(maya: User) -> None:
    EmailAddress.objects.get(email="unproved@people.example").delete()
    assert letters() == {}


@pytest.mark.parametrize("deed", ["sign up", "rename", "delete", "log in", "rehash"])
def test_it_writes_nothing_of_what_opens_nothing(maya: User, deed: str) -> None:
    if deed == "sign up":
        someone = person("ayu")
        with_address(someone)
    elif deed == "rename":
        maya.display_name = "Maya O."
        maya.save()
    elif deed == "delete":
        add_second_factor(maya)
        mail.outbox.clear()
        maya.delete()
    elif deed == "log in":
        Client().post("/account/login/", {"login": "maya", "password": PASSWORD})
    else:
        assert maya.check_password(PASSWORD)
        maya.save()
    assert letters() == {}


def test_it_tells_every_address_until_when_one_can_come_back(maya: User) -> None:
    account_deletion.leave(maya, at_once=False)
    told = [one.to for one in mail.outbox if "will be deleted" in str(one.subject)]
    assert told == [["maya@people.example"], [SECOND]]


def test_it_sends_what_a_broker_lost_and_once(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_tasks(monkeypatch, tasks.mail_security_letter)
    change_handle(maya)
    assert letters() == {} and security_letters.lost() == []
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        for pk in [*security_letters.lost(), *SecurityLetter.objects.values_list("pk", flat=True)]:
            tasks.mail_security_letter(pk)
        assert set(letters()) == BOTH
        assert security_letters.lost() == []


def test_it_tries_again_when_the_mail_server_is_away(
    maya: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_tasks(monkeypatch, tasks.mail_security_letter)
    change_handle(maya)
    pk = SecurityLetter.objects.latest("pk").pk
    with monkeypatch.context() as away:
        away.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        away.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        away.setattr(settings, "EMAIL_PORT", 9)  # Nobody listens.
        with pytest.raises(OSError, match="refused"):
            security_letters.mail(pk)
    security_letters.mail(pk)
    assert set(letters()) == {SECOND}


def test_it_gives_up_after_days(maya: User, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_tasks(monkeypatch, tasks.mail_security_letter)
    change_handle(maya)
    with time_machine.travel(timezone.now() + timedelta(days=4)):
        assert security_letters.lost() == []
    assert not SecurityLetter.objects.exists()


def test_it_counts_copies_once(maya: User) -> None:
    data_export.ask(maya)
    with pytest.raises(data_export.TooSoonError):
        data_export.ask(maya)
    assert set(letters()) == BOTH
