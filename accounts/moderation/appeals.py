"""Appeals: a user may answer once to a decision about them, also without a login; staff decide."""

from django.core import signing
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Appeal, Decision, User
from accounts.moderation import decisions
from accounts.moderation.decisions import Reasons
from accounts.moderation.permission import DecisionRefused, check_may_decide_about

SALT = "accounts.appeal"
LINK_AGE_S = 180 * 86400


def token_of(decision: Decision) -> str:
    """Return the secret part of the address in the mail.

    A visitor who has it may read this decision and answer it: a suspended user cannot log in.
    """
    return signing.dumps(decision.pk, salt=SALT)


def find(token: str) -> Decision:
    """Return the decision. Raises Http404 for a forged or old address."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LINK_AGE_S)
    except signing.BadSignature as error:
        raise Http404("No such decision.") from error
    return _get(pk)


def find_for(person: User, pk: int) -> Decision:
    """Return a decision about `person`. Raises Http404 for those about others."""
    decision = _get(pk)
    # Of a dismissed report, for one, the owner is never told.
    if decision.person_id != person.pk or decision.action in Decision.AMONG_STAFF:
        raise Http404("No such decision.")
    return decision


def _get(pk: int) -> Decision:
    decision = Decision.objects.filter(pk=pk).select_related("person").first()
    if decision is None or decision.person is None:
        raise Http404("No such decision.")
    return decision


def appeal(decision: Decision, text: str) -> Appeal:
    """Store the one answer to a decision.

    Raises DecisionRefused for a second one, and where there is nothing to take back.
    """
    if not decision.may_be_appealed or decision.person is None:
        raise DecisionRefused(_("This decision cannot be appealed."))
    try:
        with transaction.atomic():
            return Appeal.objects.create(decision=decision, person=decision.person, text=text)
    except IntegrityError as error:  # The database lets one through, also of two at once.
        raise DecisionRefused(_("You have answered to this decision already.")) from error


def answer(appealed: Appeal, staff: User, *, grant: bool, text: str) -> Decision:
    """Close an appeal.

    Granting lifts a suspension; what was removed is gone, but its owner reads that it was a
    mistake. Raises DecisionRefused for one that is answered, and for the member of staff who took
    the decision.
    """
    with transaction.atomic():
        # Locked: two members of staff may press at once.
        rows = Appeal.objects.select_for_update().select_related("decision", "person")
        fresh = rows.get(pk=appealed.pk)
        if fresh.state != Appeal.State.OPEN:
            raise DecisionRefused(_("Somebody has answered this appeal already."))
        check_may_decide_about(staff, fresh.person)
        # A site with one member of staff has nobody else who could look.
        has_others = User.objects.not_away().filter(is_staff=True).count() > 1
        if fresh.decision.actor_id == staff.pk and has_others:
            raise DecisionRefused(
                _("Somebody else of the staff has to look at an appeal against your decision.")
            )
        fresh.state = Appeal.State.OVERTURNED if grant else Appeal.State.UPHELD
        fresh.answer = text
        fresh.answered_by = staff
        fresh.answered_at = timezone.now()
        fresh.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        return decisions.answer_appeal(fresh, staff, Reasons(note=fresh.answer))
