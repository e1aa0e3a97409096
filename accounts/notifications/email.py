"""Letters to people: text and HTML, with a way to have no more of them in one click (RFC 8058)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.extension_points.kinds import NotificationText
from accounts.models import Delivery, User

SALT = "accounts.unsubscribe"


def site() -> str:
    """The address of this site without a slash, for letters that are written where no request is."""
    return settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else "http://localhost"


def has_proved_address(person: User) -> bool:
    """False for an address that nobody has entered the code of: it may be somebody else's."""
    return bool(
        EmailAddress.objects.filter(user=person, email__iexact=person.email, verified=True).exists()
    )


def token_of(person: User) -> str:
    return signing.dumps(person.pk, salt=SALT)


def person_of(token: str) -> User | None:
    """Return whom the link is for, or None for a forged one.

    It never expires: letters lie around for years.
    """
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    found: User | None = User.objects.filter(pk=pk).first()
    return found


def unsubscribe_url(person: User) -> str:
    return site() + reverse("accounts:unsubscribe", args=[token_of(person)])


def send(delivery: Delivery, subject: str, template: str, words: Mapping[str, object]) -> None:
    """Send `template`.txt and `template`.html. Raises OSError and what the mail server raises."""
    person = delivery.recipient
    unsubscribe = unsubscribe_url(person)  # Once: a second later its signature is another.
    context = {"person": person, "site": site(), "unsubscribe": unsubscribe, **words}
    letter = EmailMultiAlternatives(
        subject,
        render_to_string(f"{template}.txt", context),
        to=[person.email],
        headers={
            # The same for every try: a mail program shows a second copy as the first.
            "Message-ID": f"<delivery-{delivery.pk}@{urlsplit(site()).hostname}>",
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    letter.attach_alternative(render_to_string(f"{template}.html", context), "text/html")
    letter.send()


def send_notification(delivery: Delivery, note: NotificationText) -> None:
    """One notice at once: a Space begins."""
    send(
        delivery,
        _("%(title)s: %(body)s") % {"title": note.title, "body": note.body},
        "accounts/mail/note",
        {"note": note},
    )
