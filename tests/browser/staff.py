"""Making somebody staff on the running site, as the machine's administrator does, and their log-in
with a second factor.
"""

from tests.accounts.authenticator_app import SECRET, code_now
from tests.browser.people import Person
from tests.stack.parley import Parley

PROMOTE = """
from allauth.mfa.totp.internal.auth import TOTP
from accounts.models import User
user = User.objects.get(handle="{handle}")
User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser={is_superuser})
TOTP.activate(user, "{secret}")
"""


def make_superuser(site: Parley, person: Person) -> None:
    """Their page is logged in as staff afterwards."""
    _promote(site, person, is_superuser=True)


def make_moderator(site: Parley, person: Person) -> None:
    """Staff in rooms, who have none of the permissions of the staff's pages."""
    _promote(site, person, is_superuser=False)


def _promote(site: Parley, person: Person, *, is_superuser: bool) -> None:
    values = {"handle": person.handle, "is_superuser": is_superuser, "secret": SECRET}
    site.shell(PROMOTE.format(**values))
    logs_in_with_factor(person)


def logs_in_with_factor(person: Person) -> None:
    person.page.context.clear_cookies()
    person.opens("/account/login/")
    person.page.locator("[name=login]").fill(person.handle)
    person.page.locator("[name=password]").fill("parley-demo")
    person.page.locator("main").get_by_role("button", name="Log in").click()
    person.page.wait_for_url("**/account/2fa/authenticate/**")
    person.page.locator("[name=code]").fill(code_now())
    person.page.locator("[name=code]").press("Enter")
    person.page.wait_for_url(f"{person.site}/")
