"""Mails about notifications: text and HTML, with a link that ends them in one click (RFC 8058)."""

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
from config.text import line, lines

SALT = "accounts.unsubscribe"


def site() -> str:
    """Return the address of this site without a slash, for mails, which no request belongs to."""
    return settings.CSRF_TRUSTED_ORIGINS[0] if settings.CSRF_TRUSTED_ORIGINS else "http://localhost"


def has_verified_address(user: User) -> bool:
    """False for an address whose code the user has not entered: it may be another person's."""
    verified = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return bool(verified.exists())


def token_of(user: User) -> str:
    return signing.dumps(user.pk, salt=SALT)


def user_of(token: str) -> User | None:
    """Return whom the link was mailed to, or None for a forged one.

    It never expires: mails lie around for years.
    """
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    found: User | None = User.objects.filter(pk=pk).first()
    return found


def send(delivery: Delivery, subject: str, template: str, context: Mapping[str, object]) -> None:
    """Send `template`.txt and `template`.html. Raises OSError and what the mail server raises."""
    user = delivery.recipient
    # Made once, so that text, HTML and header agree: a second later its signature is another.
    unsubscribe = site() + reverse("accounts:unsubscribe", args=[token_of(user)])
    whole = {"person": user, "site": site(), "unsubscribe": unsubscribe, **context}
    mail = EmailMultiAlternatives(
        line(subject),  # It holds names and titles; a header is one line (RFC 5322 §2.2).
        lines(render_to_string(f"{template}.txt", whole)),
        to=[user.email],
        headers={
            # The same for every try: a mail program shows a second copy as the first.
            "Message-ID": f"<delivery-{delivery.pk}@{urlsplit(site()).hostname}>",
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058 §3.1.
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies, please.
        },
    )
    mail.attach_alternative(render_to_string(f"{template}.html", whole), "text/html")
    mail.send()


def send_notification(delivery: Delivery, text: NotificationText) -> None:
    """Send one notification at once: a Space begins."""
    subject = _("%(title)s: %(body)s") % {"title": text.title, "body": text.body}
    send(delivery, subject, "accounts/mail/note", {"note": text})
