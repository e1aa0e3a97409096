"""Who may moderate, and whom."""

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from accounts.models import User

MODERATE = "accounts.moderate"


class DecisionRefused(Exception):
    """Staff may fix this; the text is a sentence for them."""


def may_moderate(staff: User | AnonymousUser) -> bool:
    """True for who may suspend, warn, work off reports and answer appeals."""
    return staff.has_perm(MODERATE)


def check_may_decide_about(staff: User, person: User | None) -> None:
    """Raise DecisionRefused for oneself, and for staff unless by a superuser.

    None: nobody is concerned, or their account is gone.
    """
    if person is None:
        return
    if person.pk == staff.pk:
        raise DecisionRefused(_("You cannot decide about yourself."))
    if (person.is_staff or person.is_superuser) and not staff.is_superuser:
        raise DecisionRefused(_("Only an administrator can decide about staff."))
