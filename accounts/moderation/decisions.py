"""What staff do: each action is one row of the log and one notification to whom it concerns.

All buttons of the admin come here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.extension_points import registry
from accounts.models import Appeal, Decision, Notification, Report, User
from accounts.moderation import suspensions
from accounts.moderation.permission import DecisionRefused, check_may_decide_about
from accounts.notifications.notify import notify
from config.celery import app

Action = Decision.Action


@dataclass(frozen=True)
class Reasons:
    """Why: one of Report.Reason, a note for the log and the user concerned, and until when."""

    reason: str = ""
    note: str = ""
    until: datetime | None = None


def actions_for(report: Report) -> list[Action]:
    """Return what can be done about what was reported, the mildest first."""
    actions = list(_actions_of_kind(report.target_kind))
    if report.target_user_id:
        actions.append(Action.SUSPEND)
    return actions


def _actions_of_kind(name: str) -> dict[Action, Callable[[int, User], None]]:
    """Return what the app of this kind can do; nothing for one that no app declares any more."""
    kind = registry.find_kind(name)
    return dict(kind.moderation.actions) if kind and kind.moderation else {}


def act_on(report: Report, staff: User, action: Action, why: Reasons) -> Decision:
    """Do one of `actions_for(report)` and close the report. Raises DecisionRefused."""
    if action not in actions_for(report):
        raise DecisionRefused(_("This cannot be done here."))
    person = report.target_user
    check_may_decide_about(staff, person)
    with transaction.atomic():
        _lock_open(report)
        decision = _log(staff, action, person, why, report)
        if action is Action.SUSPEND and person is not None:
            _suspend(person, staff, decision)
        else:
            act = _actions_of_kind(report.target_kind)[action]
            try:
                act(report.target_id, staff)
            except LookupError as error:
                # Rolls back the line in the log, too: it would tell of what was not done.
                raise DecisionRefused(_("It is gone already.")) from error
        _close(report, staff, Report.State.ACTED, why)
        _tell(decision)
    return decision


def dismiss(report: Report, staff: User, why: Reasons) -> Decision:
    """Close a report with nothing to do. Raises DecisionRefused.

    The owner is not notified: they never knew of the report.
    """
    check_may_decide_about(staff, report.target_user)
    with transaction.atomic():
        _lock_open(report)
        decision = _log(staff, Action.DISMISS, report.target_user, why, report)
        _close(report, staff, Report.State.DISMISSED, why)
    return decision


def _lock_open(report: Report) -> None:
    """Lock the row, so that two members of staff who press at once decide once."""
    open_rows = Report.objects.filter(pk=report.pk, state=Report.State.OPEN)
    if not open_rows.select_for_update().exists():
        raise DecisionRefused(_("Somebody has decided on this report already."))


def _close(report: Report, staff: User, state: Report.State, why: Reasons) -> None:
    report.state = state
    report.handled_by = staff
    report.handled_at = timezone.now()
    report.note = why.note
    report.save(update_fields=["state", "handled_by", "handled_at", "note"])


def suspend(person: User, staff: User, why: Reasons) -> Decision:
    """Suspend a user without a report.

    Raises DecisionRefused for oneself, for other staff and for an end that has passed.
    """
    with transaction.atomic():
        # First, because the suspension points to it; what is refused rolls it back.
        decision = _log(staff, Action.SUSPEND, person, why)
        _suspend(person, staff, decision)
        _tell(decision)
    return decision


def _suspend(person: User, staff: User, decision: Decision) -> None:
    check_may_decide_about(staff, person)
    if decision.until is not None and decision.until <= timezone.now():
        raise DecisionRefused(_("The end must be in the future."))
    suspensions.suspend(person, decision)


def reinstate(person: User, staff: User, why: Reasons) -> Decision:
    """End a suspension. Raises DecisionRefused for a user who is not suspended."""
    check_may_decide_about(staff, person)
    with transaction.atomic():
        if not suspensions.reinstate(person):
            raise DecisionRefused(_("This account is not suspended."))
        decision = _log(staff, Action.REINSTATE, person, why)
        _tell(decision)
    return decision


def warn(person: User, staff: User, why: Reasons) -> Decision:
    """Tell a user that what they did must not happen again. Raises DecisionRefused."""
    check_may_decide_about(staff, person)
    if not why.note:
        raise DecisionRefused(_("Write in the note what the warning is about."))
    with transaction.atomic():
        decision = _log(staff, Action.WARN, person, why)
        _tell(decision)
    return decision


def keep_note(person: User, staff: User, why: Reasons) -> Decision:
    """Write down something about a user that staff alone read. Raises DecisionRefused."""
    check_may_decide_about(staff, person)
    if not why.note:
        raise DecisionRefused(_("The note is empty."))
    return _log(staff, Action.NOTE, person, why)


def answer_appeal(appeal: Appeal, staff: User, why: Reasons) -> Decision:
    """Log the answer to an appeal, notify its author, and lift the suspension it takes back.

    Called by `appeals.answer`, in its transaction.
    """
    is_granted = appeal.state == Appeal.State.OVERTURNED
    action = Action.OVERTURN if is_granted else Action.UPHOLD
    decision = _log(staff, action, appeal.person, why, appeal.decision.report)
    # What was removed is gone; only a suspension can be taken back.
    if is_granted and appeal.decision.action == Action.SUSPEND:
        suspensions.reinstate(appeal.person)
    _tell(decision)
    return decision


def log_action(
    staff: User, action: Action, person: User | None, kind: str, pk: int, text: str, note: str = ""
) -> Decision:
    """Log what another app has just done, for example in a room, in its transaction.

    `kind`, `pk` and `text` say to which thing. Raises LookupError for a kind that no app declares.
    """
    registry.require_described(kind)
    decision = _create(
        staff,
        action,
        person,
        target_kind=kind,
        target_id=pk,
        target_text=text,
        note=note,
    )
    if decision.may_be_appealed:
        _tell(decision)
    return decision


def _log(
    staff: User, action: Action, person: User | None, why: Reasons, report: Report | None = None
) -> Decision:
    return _create(
        staff,
        action,
        person,
        target_kind=report.target_kind if report else "",
        target_id=report.target_id if report else None,
        target_text=report.target_text if report else "",
        report=report,
        reason=why.reason or (report.reason if report else ""),
        note=why.note,
        # The form has one "for how long" beside all of its buttons.
        until=why.until if action is Action.SUSPEND else None,
    )


def _create(staff: User, action: Action, person: User | None, **fields: object) -> Decision:
    """Write the row. Handles are copied: the log outlives the accounts."""
    return Decision.objects.create(
        actor=staff,
        actor_handle=staff.handle,
        person=person,
        person_handle=person.handle if person else "",
        action=action,
        at=timezone.now(),
        **fields,
    )


def _tell(decision: Decision) -> None:
    """Notify whom it concerns, and send a mail, which also reaches a user who cannot log in."""
    if decision.person_id is None:
        return
    notify([decision.person_id], Notification.Kind.DECISION, target=("decision", decision.pk))
    # By name, because the tasks import this module. Robust: a broker that is down must not undo
    # what staff did.
    transaction.on_commit(
        lambda: app.send_task("accounts.tasks.mail_decision", [decision.pk]), robust=True
    )
