"""Making somebody staff on the running site: only the machine's administrator can, so it is done as
they would.
"""

from tests.stack.parley import Parley

# The second factor is an app whose secret nobody needs to know: the log-in was made before there
# was one.
PROMOTE = """
from allauth.mfa.models import Authenticator
from accounts.models import User
user = User.objects.get(handle="{handle}")
User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)
Authenticator.objects.get_or_create(user=user, type="totp", defaults={{"data": {{"secret": "JBSWY3DPEHPK3PXP"}}}})
"""


def promote(site: Parley, handle: str) -> None:
    site.shell(PROMOTE.format(handle=handle))
