"""What staff can do about a post, a Fleet or a message, and what is kept of it."""

from accounts.extension_points.reports import Case, Evidence
from accounts.models import Decision, User
from posts.models import Fleet, Message, Post
from posts.services import fleets, messaging, posting

CONTEXT = 5  # Messages before the reported one that are kept with it.


def post() -> Case:
    return Case(_author_of_post, _evidence_of_post, {Decision.Action.REMOVE: _remove_post})


def fleet() -> Case:
    return Case(_author_of_fleet, _evidence_of_fleet, {Decision.Action.REMOVE: _remove_fleet})


def message() -> Case:
    return Case(_sender_of, _evidence_of_message, {Decision.Action.REMOVE: _remove_message})


def _author_of_post(pk: int) -> User | None:
    found = Post.objects.filter(pk=pk).select_related("author").first()
    return found.author if found else None


def _evidence_of_post(pk: int) -> Evidence:
    found = Post.objects.filter(pk=pk).select_related("author", "reply_to__author").first()
    if found is None:
        return Evidence()
    images = list(found.images.all())
    facts: dict[str, object] = {
        "author": found.author.handle,
        "text": found.text,
        "written": found.created_at.isoformat(),
        "earlier": [version.text for version in found.versions.all()[:10]],
        "descriptions": [image.alt for image in images if image.alt],
    }
    if found.reply_to:
        facts["answers"] = f"@{found.reply_to.author.handle}: {found.reply_to.text}"
    return Evidence(facts, tuple(image.file for image in images))


def _remove_post(pk: int, staff: User) -> None:
    found = Post.objects.filter(pk=pk).first()
    if found is None:
        raise LookupError("The post is gone.")
    posting.delete(staff, found)


def _author_of_fleet(pk: int) -> User | None:
    found = Fleet.objects.filter(pk=pk).select_related("author").first()
    return found.author if found else None


def _evidence_of_fleet(pk: int) -> Evidence:
    """Fleets end after a day, so the picture is copied too."""
    found = Fleet.objects.filter(pk=pk).select_related("author").first()
    if found is None:
        return Evidence()
    facts = {
        "author": found.author.handle,
        "text": found.text,
        "description": found.alt,
        "audience": found.audience,
        "written": found.created_at.isoformat(),
    }
    return Evidence(facts, (found.picture,) if found.picture else ())


def _remove_fleet(pk: int, staff: User) -> None:
    found = Fleet.objects.filter(pk=pk).first()
    if found is None:
        raise LookupError("The Fleet is gone.")
    fleets.delete(staff, found)


def _sender_of(pk: int) -> User | None:
    found = Message.objects.filter(pk=pk).select_related("sender").first()
    return found.sender if found else None


def _evidence_of_message(pk: int) -> Evidence:
    """The message with a few before it: one of those who read them has shown them to the staff."""
    found = Message.objects.filter(pk=pk).select_related("sender").first()
    if found is None:
        return Evidence()
    before = Message.objects.filter(
        conversation=found.conversation_id, pk__lt=pk, event=""
    ).select_related("sender")
    earlier = [f"@{one.sender.handle}: {one.text}" for one in before.order_by("-pk")[:CONTEXT]]
    facts = {
        "sender": found.sender.handle,
        "text": found.text,
        "written": found.created_at.isoformat(),
        "before": earlier[::-1],
        "voice": found.voice_id is not None,
    }
    return Evidence(facts, tuple(image.file for image in found.images.all()))


def _remove_message(pk: int, staff: User) -> None:
    found = Message.objects.filter(pk=pk, deleted_at=None).first()
    if found is None:
        raise LookupError("The message is gone.")
    messaging.blank(found)
