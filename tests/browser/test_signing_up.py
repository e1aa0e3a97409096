"""From nothing to the first post: the form, the code in the e-mail, the timeline."""

import email
import re
from email import policy
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.town import Town
from tests.stack.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def code_for(address: str, folder: Path) -> str:
    """Return the code in the newest e-mail to `address`."""

    def look() -> str:
        for path in sorted(folder.glob("*"), key=lambda file: file.stat().st_mtime, reverse=True):
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            body = (
                message.get_body(("plain",))
                if isinstance(message, email.message.EmailMessage)
                else None
            )
            code = re.search(
                r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$",
                body.get_content() if body else "",
                re.MULTILINE,
            )
            if code and address in str(message["To"]):
                return code[1]
        return ""

    return wait_until(look, f"an e-mail with a code for {address}")


def test_a_newcomer_signs_up_confirms_the_address_and_posts(town: Town) -> None:
    newcomer = town.visitor()
    newcomer.signs_up("mira", "mira@example.org", "a-long-enough-phrase")
    newcomer.enters_the_code(code_for("mira@example.org", town.site.mail_dir))
    newcomer.posts("Hello, this is my first post.")
    expect(newcomer.post("Hello, this is my first post.")).to_be_visible()
    reader = town.visitor()
    reader.opens("/explore/")
    expect(reader.page.locator("main")).to_contain_text("Hello, this is my first post.")


def test_a_wrong_code_is_refused_in_words(town: Town) -> None:
    newcomer = town.visitor()
    newcomer.signs_up("nadia", "nadia@example.org", "a-long-enough-phrase")
    newcomer.enters_the_code("WRNG-CODE")
    expect(newcomer.page.locator("main")).to_contain_text(
        re.compile("incorrect|wrong|not right|does not match", re.IGNORECASE)
    )


def test_the_form_says_what_is_wrong_with_a_handle(town: Town) -> None:
    newcomer = town.visitor()
    newcomer.signs_up("no spaces!", "nora@example.org", "a-long-enough-phrase")
    expect(newcomer.page.locator("[name=username]")).to_have_attribute("aria-invalid", "true")
