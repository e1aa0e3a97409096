"""The letter about a decision: what was done and why, until when, and where to answer.

It asks for no log-in.
"""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Decision
from accounts.moderation import appeals


def send(decision: Decision) -> None:
    """Send it in the person's language.

    Raises what the mail server raises, so that the task is tried again.
    """
    person = decision.person
    if person is None or not person.email:
        return
    with translation.override(person.language or settings.LANGUAGE_CODE):
        words = {"decision": decision, "person": person, "url": _address(decision)}
        text = render_to_string("accounts/mail/decision.txt", words)
        send_mail(_("A decision of our staff"), text, None, [person.email])


def _address(decision: Decision) -> str:
    site = settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else ""
    return f"{site}{reverse('accounts:appeal', args=[appeals.token_of(decision)])}"
