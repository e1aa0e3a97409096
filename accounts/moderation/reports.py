"""Take reports of people, posts, messages, Fleets and Spaces. Staff work them off in the admin."""

from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.extension_points import registry
from accounts.extension_points.kinds import Description, Moderation
from accounts.models import Report, User
from accounts.moderation import evidence


def describe(kind: str, pk: int, viewer: User) -> Description:
    """Return what is reported as the reporter sees it.

    Raises Http404 for what they cannot see, and for kinds that cannot be reported.
    """
    # Before the next line, which also describes what cannot be reported: decisions.
    _moderation_of(kind)
    found = registry.describe([(kind, pk)], viewer).get((kind, pk))
    if found is None:
        raise Http404("Nothing to report.")
    return found


def _moderation_of(name: str) -> Moderation:
    kind = registry.find_kind(name)
    if kind is None or kind.moderation is None:
        raise Http404("Nothing to report.")
    return kind.moderation


def report(reporter: User, kind: str, pk: int, reason: Report.Reason, text: str = "") -> None:
    """Store a report with what it is about, as it is now.

    A second one while the first is open changes nothing. Raises Http404 as `describe` does.
    """
    described = describe(kind, pk, reporter)
    moderation = _moderation_of(kind)
    try:
        with transaction.atomic():
            row = Report.objects.create(
                reporter=reporter,
                target_kind=kind,
                target_id=pk,
                target_url=described.url,
                target_text=described.text,
                reason=reason,
                text=text,
            )
            evidence.keep(row, moderation)
    except IntegrityError:  # The constraint `accounts_report_open_once`.
        return
