"""Change a profile: texts, pictures, and who may see it."""

import secrets
from dataclasses import dataclass
from typing import Literal

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from accounts.services import relationships
from config.db.after_commit import after_commit


@dataclass(frozen=True)
class PictureChange:
    """A new picture as WebP bytes, or None to remove the old one."""

    field: Literal["avatar", "header"]
    webp: bytes | None


@transaction.atomic
def save_profile(person: User, pictures: list[PictureChange]) -> None:
    """Store the texts and pictures of `person`."""
    for change in pictures:
        file = person.avatar if change.field == "avatar" else person.header
        old = file.name
        if change.webp is None:
            setattr(person, change.field, "")
        else:
            # A new random name each time: caches may keep the old address for ever, and nobody
            # can guess one.
            name = f"{secrets.token_urlsafe(16)}.webp"
            file.save(name, ContentFile(change.webp), save=False)
        if change.field == "avatar" and change.webp is None:
            person.drawn_portrait = ""  # Else the demo's portrait would come back.
            person.save(update_fields=["drawn_portrait"])
        if old:
            # On commit: a rolled back change must leave the picture that the row still names.
            after_commit(file.storage.delete, old)
    person.save(update_fields=["display_name", "bio", "avatar", "header"])


@transaction.atomic
def save_privacy(person: User) -> None:
    """Store who may see and write what.

    An account that stops being protected approves all requests to follow it.
    """
    was_protected = User.objects.filter(pk=person.pk, is_protected=True).exists()
    person.save(update_fields=["is_protected", "direct_messages_from"])
    if was_protected and not person.is_protected:
        relationships.approve_all(person)
