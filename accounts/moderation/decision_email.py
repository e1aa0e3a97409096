"""The mail about a decision: what was done and why, until when, and where to appeal."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.locale import in_locale_of
from accounts.models import Decision
from accounts.moderation import appeals
from config.text import lines


def send(decision: Decision) -> None:
    """Send it in the user's language, with times of their zone.

    Raises what the mail server raises, so that the task is tried again.
    """
    person = decision.person
    if person is None or not person.email:
        return
    site = settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else ""
    path = reverse("accounts:appeal", args=[appeals.token_of(decision)])
    with in_locale_of(person):
        context = {"decision": decision, "person": person, "url": site + path}
        text = lines(render_to_string("accounts/mail/decision.txt", context))
        send_mail(_("A decision of our staff"), text, None, [person.email])
