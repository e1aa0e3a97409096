"""What staff do: one deed, one line in the log, one word to whom it concerns.

The admin's buttons all come here.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.extension_points import registry
from accounts.models import Appeal, Decision, Notification, Report, User
from accounts.moderation import suspensions
from accounts.notifications.notify import notify
from config.celery import app

Action = Decision.Action


class DecisionRefused(Exception):
    """Staff may fix this; the text is a sentence for them."""


@dataclass(frozen=True)
class Reasons:
    """Why: a word of Report.Reason, a note for the log and the person concerned, and until when."""

    reason: str = ""
    note: str = ""
    until: datetime | None = None


def actions_for(report: Report) -> list[Action]:
    """Return what can be done about what was reported, the mildest first."""
    kind = registry.find_kind(report.target_kind)
    actions = list(kind.moderation.actions) if kind and kind.moderation else []
    if report.target_user_id:
        actions.append(Action.SUSPEND)
    return actions


def act_on(report: Report, staff: User, action: Action, why: Reasons) -> Decision:
    """Do one of `actions_for(report)` and close the report. Raises DecisionRefused."""
    if action not in actions_for(report):
        raise DecisionRefused(_("This cannot be done here."))
    person = report.target_user
    with transaction.atomic():
        _lock_open(report)
        decision = _log(staff, action, person, why, report)
        if action is Action.SUSPEND and person is not None:
            _suspend(person, staff, decision)
        else:
            kind = registry.find_kind(report.target_kind)
            assert kind and kind.moderation, "`actions_for` found the action there."
            try:
                kind.moderation.actions[action](report.target_id, staff)
            except LookupError as error:
                raise DecisionRefused(_("It is gone already.")) from error
        _close(report, staff, Report.State.ACTED, why)
        _tell(decision)
    return decision


def dismiss(report: Report, staff: User, why: Reasons) -> Decision:
    """Close a report with nothing to do.

    Nobody is told: the person never knew of it. Raises DecisionRefused.
    """
    with transaction.atomic():
        _lock_open(report)
        decision = _log(staff, Action.DISMISS, report.target_user, why, report)
        _close(report, staff, Report.State.DISMISSED, why)
    return decision


def _lock_open(report: Report) -> None:
    """Two members of staff who press at once decide once."""
    if (
        not Report.objects.select_for_update()
        .filter(pk=report.pk, state=Report.State.OPEN)
        .exists()
    ):
        raise DecisionRefused(_("Somebody has decided on this report already."))


def _close(report: Report, staff: User, state: Report.State, why: Reasons) -> None:
    report.state, report.handled_by, report.handled_at, report.note = (
        state,
        staff,
        timezone.now(),
        why.note,
    )
    report.save(update_fields=["state", "handled_by", "handled_at", "note"])


def suspend(person: User, staff: User, why: Reasons) -> Decision:
    """Suspend somebody without a report.

    Raises DecisionRefused for oneself, other staff and an end that has passed.
    """
    with transaction.atomic():
        decision = _log(staff, Action.SUSPEND, person, why)
        _suspend(person, staff, decision)
        _tell(decision)
    return decision


def _suspend(person: User, staff: User, decision: Decision) -> None:
    if person.pk == staff.pk:
        raise DecisionRefused(_("You cannot suspend yourself."))
    if person.is_staff and not staff.is_superuser:
        raise DecisionRefused(_("Only an administrator can suspend staff."))
    if decision.until is not None and decision.until <= timezone.now():
        raise DecisionRefused(_("The end must be in the future."))
    suspensions.suspend(person, decision)


def reinstate(person: User, staff: User, why: Reasons) -> Decision:
    """Give somebody the site back. Raises DecisionRefused for who is not suspended."""
    with transaction.atomic():
        if not suspensions.reinstate(person):
            raise DecisionRefused(_("This account is not suspended."))
        decision = _log(staff, Action.REINSTATE, person, why)
        _tell(decision)
    return decision


def answer_appeal(appeal: Appeal, staff: User, why: Reasons) -> Decision:
    """Log and tell the answer to an appeal, and lift the suspension it takes back.

    Called by `appealing.answer`.
    """
    is_granted = appeal.state == Appeal.State.OVERTURNED
    action = Action.OVERTURN if is_granted else Action.UPHOLD
    decision = _log(staff, action, appeal.person, why, appeal.decision.report)
    if is_granted and appeal.decision.action == Action.SUSPEND:
        suspensions.reinstate(appeal.person)
    _tell(decision)
    return decision


def log_action(
    staff: User, action: Action, person: User | None, kind: str, pk: int, text: str, note: str = ""
) -> Decision:
    """Write down a deed that another app has just done, for example in a room, in its transaction."""
    registry.require_described(kind)
    decision = Decision.objects.create(
        **_people(staff, person),
        action=action,
        target_kind=kind,
        target_id=pk,
        target_text=text,
        note=note,
        at=timezone.now(),
    )
    if decision.may_be_appealed:
        _tell(decision)
    return decision


def _log(
    staff: User, action: Action, person: User | None, why: Reasons, report: Report | None = None
) -> Decision:
    about = {}
    if report is not None:
        about = {
            "target_kind": report.target_kind,
            "target_id": report.target_id,
            "target_text": report.target_text,
        }
    return Decision.objects.create(
        **_people(staff, person),
        **about,
        action=action,
        report=report,
        reason=why.reason or (report.reason if report else ""),
        note=why.note,
        until=why.until if action is Action.SUSPEND else None,
        at=timezone.now(),
    )


def _people(staff: User, person: User | None) -> dict[str, object]:
    return {
        "actor": staff,
        "actor_handle": staff.handle,
        "person": person,
        "person_handle": person.handle if person else "",
    }


def _tell(decision: Decision) -> None:
    """Tell whom it concerns: on the site, and by mail, which also reaches who cannot log in."""
    if decision.person_id is None:
        return
    notify([decision.person_id], Notification.Kind.DECISION, target=("decision", decision.pk))
    transaction.on_commit(
        # By name, because the tasks import this module.
        lambda: app.send_task("accounts.tasks.mail_decision", [decision.pk]),
        robust=True,
    )
