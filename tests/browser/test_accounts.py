"""What people do with their account in a browser: let followers in, lock it with a key or a code,
take it away.
"""

import base64
import email
import hmac
import re
import struct
import time
import zipfile
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.axe import DESKTOP_BY_NIGHT, PHONE_BY_DAY, PHONE_BY_NIGHT, WCAG, faults_of
from tests.browser.people import Person
from tests.browser.test_pages import SLOW_MS
from tests.browser.test_signing_up import code_for
from tests.browser.town import PASSWORD, Town
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def reauthenticates(person: Person) -> None:
    person.page.locator("main [name=password]").fill(PASSWORD)
    person.page.locator("main form button[type=submit]").first.click()


def logs_out(person: Person) -> None:
    person.opens("/account/logout/")
    person.page.get_by_role("button", name="Log out").last.click()
    expect(person.page.locator("[name=login]")).to_be_visible(timeout=SLOW_MS)


def logs_in(person: Person) -> None:
    person.page.locator("[name=login]").fill(person.handle)
    person.page.locator("[name=password]").fill(PASSWORD)
    person.page.get_by_role("button", name="Log in", exact=True).click()


def code_now(secret: str) -> str:
    """Return what an authenticator app shows this half minute (RFC 6238, SHA-1, six digits)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_a_protected_account_lets_in_whom_it_accepts(town: Town) -> None:
    author, asker = town.person(), town.person()
    author.opens("/settings/privacy/")
    author.page.locator("[name=is_protected]").check()
    author.page.get_by_role("button", name="Save").click()
    expect(author.page.locator("[name=is_protected]")).to_be_checked(timeout=SLOW_MS)
    author.opens("/")
    author.posts("For my followers alone")
    asker.opens(f"/@{author.handle}/")
    expect(asker.page.locator("main")).to_contain_text("These posts are protected")
    asker.page.locator(".profile__buttons .follow button").click()
    expect(asker.page.locator(".profile__buttons .follow")).to_contain_text(
        "Requested", timeout=SLOW_MS
    )
    author.opens("/alerts/requests/")
    author.page.get_by_role("button", name="Accept").click()
    expect(author.page.locator("#toasts")).to_contain_text("follows you now", timeout=SLOW_MS)
    asker.opens(f"/@{author.handle}/")
    expect(asker.page.locator("main")).to_contain_text("For my followers alone", timeout=SLOW_MS)
    author.opens("/spaces/new/")
    author.page.locator("[name=title]").fill("Only for us")
    author.page.locator("button[type=submit][data-setup=now]").click()
    expect(author.page.locator("main")).to_contain_text(
        re.compile("protected", re.IGNORECASE), timeout=SLOW_MS
    )


def test_one_logs_in_with_a_passkey(town: Town) -> None:
    person = town.person()
    session = person.page.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
    }
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    person.opens("/account/2fa/webauthn/add/")
    reauthenticates(person)
    person.page.locator("[name=name]").fill("This laptop")
    person.page.locator("[name=passwordless]").check()
    person.page.get_by_role("button", name="Add").click()
    expect(person.page).to_have_url(re.compile("recovery-codes|webauthn/$"), timeout=SLOW_MS)
    logs_out(person)
    person.page.get_by_role("button", name="Use a passkey").click()
    expect(person.page.locator("#nav")).to_contain_text("Messages", timeout=SLOW_MS)
    person.opens("/account/2fa/webauthn/")
    expect(person.page.locator("main")).to_contain_text("This laptop")


def test_one_locks_the_account_with_a_code_and_gets_in_with_it_and_with_a_recovery_code(
    town: Town,
) -> None:
    person = town.person()
    person.opens("/account/2fa/totp/activate/")
    reauthenticates(person)
    secret = person.page.locator("main [disabled], main [readonly]").first.input_value()
    person.page.locator("[name=code]").fill(code_now(secret))
    person.page.locator("main form button[type=submit]").click()
    expect(person.page.locator("main h1")).to_have_text("Recovery Codes", timeout=SLOW_MS)
    spare = person.page.locator("main textarea").input_value().split()[0]
    logs_out(person)
    logs_in(person)
    for code in ("000000", spare):  # A wrong one is refused on the same page.
        expect(person.page.locator("[name=code]")).to_be_visible(timeout=SLOW_MS)
        person.page.locator("[name=code]").fill(code)
        person.page.locator("main form button[type=submit]").first.click()
    expect(person.page.locator("#nav")).to_contain_text("Messages", timeout=SLOW_MS)


def test_one_changes_the_address_and_the_old_one_is_told(town: Town) -> None:
    person = town.person()
    address = f"{person.handle}.new@example.org"
    person.opens("/account/email/")
    old = person.page.locator("main input[type=radio]").get_attribute("value") or ""
    person.page.locator("main [name=email][type=email]").fill(address)
    person.page.get_by_role("button", name="Add Email").click()
    expect(person.page.locator("main h1")).to_have_text("Confirm that it is you", timeout=SLOW_MS)
    reauthenticates(person)
    # What was typed is still there; nothing has happened yet.
    expect(person.page.locator("main [name=email][type=email]")).to_have_value(
        address, timeout=SLOW_MS
    )
    person.page.get_by_role("button", name="Add Email").click()
    person.enters_the_code(code_for(address, town.site.mail_dir))
    person.page.locator(f"main input[type=radio][value='{address}']").check(timeout=SLOW_MS)
    person.page.get_by_role("button", name="Make Primary").click()
    row = person.page.locator("main label", has_text=address)
    expect(row).to_contain_text("Primary", timeout=SLOW_MS)
    for said in (f"The address {address} was added", f"go to {address} now"):
        assert_told(town.site.mail_dir, old, said)


def assert_told(folder: Path, address: str, said: str) -> None:
    """Wait for a letter to `address` that says so."""

    def look() -> str:
        for path in folder.glob("*"):
            letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",)) if isinstance(letter, EmailMessage) else None
            words = " ".join(body.get_content().split()) if body else ""
            if address in str(letter["To"]) and said in words:
                return words
        return ""

    assert "there is nothing to do" in wait_until(look, f"a letter to {address}: {said}")


def test_one_fetches_a_copy_of_ones_data(town: Town, tmp_path: Path) -> None:
    person = town.person()
    person.opens("/")
    person.posts("To be found in the copy")
    person.opens("/settings/data/")
    person.page.get_by_role("button", name="Make a copy").click()
    reauthenticates(person)
    person.page.get_by_role("button", name="Make a copy").click(timeout=SLOW_MS)
    link = person.page.get_by_role("link", name="Download")
    expect(link).to_be_visible(timeout=60_000)
    with person.page.expect_download() as download:
        link.click()
    path = tmp_path / "copy.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as copy:
        assert b"To be found in the copy" in copy.read("posts/posts.json")


def test_one_leaves_and_comes_back(town: Town) -> None:
    person, friend = town.person(), town.person()
    person.opens("/settings/leave/")
    reauthenticates(person)
    person.page.locator("[name=handle]").fill(person.handle)
    person.page.get_by_role("button", name="Delete account").click()
    expect(person.page.locator("main h1")).to_have_text("Your account is hidden", timeout=SLOW_MS)
    friend.opens(f"/@{person.handle}/")
    expect(friend.page.locator("main h1")).to_contain_text("Nothing at this address")
    person.opens("/account/login/")
    logs_in(person)
    person.page.get_by_role("button", name="Keep my account").click(timeout=SLOW_MS)
    logs_in(person)
    expect(person.page.locator("#nav")).to_contain_text("Messages", timeout=SLOW_MS)
    friend.opens(f"/@{person.handle}/")
    expect(friend.page.locator("main h1")).not_to_contain_text("Nothing at this address")


def test_a_muted_word_keeps_a_post_from_the_timeline(town: Town) -> None:
    author, reader = town.person(), town.person()
    reader.opens("/settings/muted-words/")
    reader.page.locator("[name=word]").fill("aubergine")
    reader.page.get_by_role("button", name="Mute").click()
    expect(reader.page.locator(".words__word")).to_have_text("aubergine", timeout=SLOW_MS)
    author.opens("/")
    author.posts("An AUBERGINE, fried")
    author.posts("A courgette, raw")
    reader.opens("/explore/")
    expect(reader.page.locator("main")).to_contain_text("A courgette, raw")
    expect(reader.page.locator("main")).not_to_contain_text("AUBERGINE")


PAGES = (
    *(
        "/settings/",
        "/settings/privacy/",
        "/settings/muted-words/",
        "/settings/hidden/",
        "/settings/data/",
    ),
    *(
        "/settings/profile/",
        "/account/email/",
        "/account/password/change/",
        "/account/sessions/",
        "/account/2fa/",
    ),
    *("/account/2fa/webauthn/", "/account/logout/", "/account/reauthenticate/"),
)
DOORS = (
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/inactive/",
    "/left/",
)


def test_the_settings_have_no_serious_fault(town: Town) -> None:
    faults = []
    for one, paths in ((town.person(), PAGES), (town.visitor(), DOORS)):
        for path in paths:
            one.opens(path)
            faults += faults_of(one, (PHONE_BY_DAY, PHONE_BY_NIGHT, DESKTOP_BY_NIGHT), WCAG)
    assert faults == []
