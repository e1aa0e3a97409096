"""The other side is heard: whom a decision concerns may answer once, also without a log-in, and
staff look again.
"""

from django.core import signing
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Appeal, Decision, User
from accounts.moderation import decisions
from accounts.moderation.decisions import DecisionRefused, Reasons

SALT = "accounts.appeal"
LINK_AGE_S = 180 * 86400


def token_of(decision: Decision) -> str:
    """Return the word in the address of the mail: whoever has it may read this decision and answer
    it.
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
    if decision.person_id != person.pk or decision.action == Decision.Action.DISMISS:
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
            return Appeal.objects.create(
                decision=decision, person=decision.person, text=text.strip()
            )
    except IntegrityError as error:
        raise DecisionRefused(_("You have answered to this decision already.")) from error


def answer(appealed: Appeal, staff: User, *, grant: bool, text: str) -> Decision:
    """Close an appeal. Granting lifts a suspension; what was removed is gone, but the person reads
    it was a mistake.

    Raises DecisionRefused for one that is answered, and for whoever took the decision: somebody else looks.
    """
    with transaction.atomic():
        fresh = (
            Appeal.objects.select_for_update()
            .select_related("decision", "person")
            .get(pk=appealed.pk)
        )
        if fresh.state != Appeal.State.OPEN:
            raise DecisionRefused(_("Somebody has answered this appeal already."))
        if (
            fresh.decision.actor_id == staff.pk
            and User.objects.filter(is_staff=True, is_active=True).count() > 1
        ):
            raise DecisionRefused(
                _("Somebody else of the staff has to look at an appeal against your decision.")
            )
        fresh.state = Appeal.State.OVERTURNED if grant else Appeal.State.UPHELD
        fresh.answer, fresh.answered_by, fresh.answered_at = text.strip(), staff, timezone.now()
        fresh.save(update_fields=["state", "answer", "answered_by", "answered_at"])
        return decisions.answer_appeal(fresh, staff, Reasons(note=fresh.answer))
