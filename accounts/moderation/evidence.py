"""What a reported thing was at that moment, kept for a time.

Words may be edited, Fleets end and rooms close before staff look.
"""

from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Q

from accounts.extension_points.kinds import Moderation
from accounts.models import Appeal, Report
from config.limits import LIMITS

FOLDER = "evidence"
MOST_FILES = 4  # A post has no more pictures (RULES §2).
FILE_BYTES = 10 * 1024 * 1024  # Above `LIMITS.moving_picture_bytes`, the largest that is stored.
FORGOTTEN_PER_SWEEP = 500


def keep(report: Report, moderation: Moderation) -> None:
    """Take the snapshot into the report, with copies of the pictures.

    In the transaction that makes the report.
    """
    evidence = moderation.evidence(report.target_id)
    copies: list[str] = []
    for number, file in enumerate(evidence.files[:MOST_FILES]):
        try:
            with file.open("rb") as source:
                content = ContentFile(source.read(FILE_BYTES))
        except OSError:  # The file was deleted meanwhile.
            copies.append("")
            continue
        ending = file.name.rpartition(".")[2] if file.name else "webp"
        # A copy, because the thing's own file goes with it.
        name = f"{FOLDER}/{report.pk}-{number}.{ending}"
        copies.append(default_storage.save(name, content))
    report.target_user = moderation.owner(report.target_id)
    report.evidence = {**evidence.facts, "files": copies}
    report.save(update_fields=["target_user", "evidence"])


def files_of(report: Report) -> list[str]:
    names = report.evidence.get("files", []) if isinstance(report.evidence, dict) else []
    return [name for name in names if name]


def forget_old(now: datetime) -> int:
    """Remove what is older than its time; return from how many reports.

    Never while staff still look at it: while the report or an appeal is open.
    """
    before = now - timedelta(seconds=LIMITS.evidence_kept_s)
    old = (
        Report.objects.filter(created_at__lt=before)
        .exclude(state=Report.State.OPEN)
        .exclude(decisions__appeal__state=Appeal.State.OPEN)
        .filter(~Q(evidence={}) | ~Q(target_text=""))
    )
    count = 0
    for report in old[:FORGOTTEN_PER_SWEEP]:
        for name in files_of(report):
            default_storage.delete(name)
        report.evidence = {}
        report.target_text = ""
        report.save(update_fields=["evidence", "target_text"])
        count += 1
    return count
