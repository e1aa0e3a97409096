"""Take reports of people, posts, messages, Fleets and Spaces. Staff work them off in the admin."""

from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.extension_points import things
from accounts.extension_points.things import Description
from accounts.models import Report, User
from accounts.moderation import evidence


def describe(kind: str, pk: int, viewer: User) -> Description:
    """Return what is reported as the reporter sees it.

    Raises Http404 for what they cannot see or is no such kind.
    """
    found = things.describe([(kind, pk)], viewer).get((kind, pk))
    if found is None:
        raise Http404("Nothing to report.")
    return found


def report(reporter: User, kind: str, pk: int, reason: Report.Reason, text: str = "") -> None:
    """Store a report with what it is about, as it is now.

    A second one while the first is open changes nothing.
    """
    seen = describe(kind, pk, reporter)
    try:
        with transaction.atomic():
            row = Report.objects.create(
                reporter=reporter,
                target_kind=kind,
                target_id=pk,
                target_url=seen.url,
                target_text=seen.text,
                reason=reason,
                text=text.strip(),
            )
            evidence.keep(row)
    except IntegrityError:
        return
