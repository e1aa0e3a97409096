"""A mailbox with everything a conversation can hold, planted in the database of a running Parley
(`site.shell`).
"""

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import User


def plant(reader_handle: str) -> None:
    """Give the reader a friend, a group and a stranger who write to them; the conversations' ids
    are found by name.
    """
    from django.utils import timezone

    from accounts.models import Follow, User
    from posts.services import conversations, groups, messaging, posting
    from posts.services.messaging import NewMessage
    from spaces.services import scheduling
    from spaces.services.scheduling import SpaceDraft

    reader = User.objects.get(handle=reader_handle)
    friend, stranger = (
        User.objects.create_user(handle, f"{handle}@people.example", display_name=name)
        for handle, name in (
            (f"{reader_handle}_f", "Friendly River"),
            (f"{reader_handle}_s", "Strange River"),
        )
    )
    Follow.objects.bulk_create(
        [Follow(follower=reader, followed=friend), Follow(follower=friend, followed=reader)]
    )
    when = timezone.now() + timedelta(days=2)
    space = scheduling.schedule(
        friend, SpaceDraft("Evening by the river", topics=("rivers",)), when
    )
    group = groups.make(friend, "River crew", [reader, stranger])
    for one, text in (
        (friend, "Who brings the boat to the river?"),
        (reader, "I do"),
        (friend, "A @mention, a #tag"),
    ):
        messaging.send_to_group(one, group, NewMessage(text))
    messaging.send(stranger, reader, NewMessage("You do not know me, but I like rivers"))
    for number in range(12):
        messaging.send(
            friend if number % 3 else reader,
            reader if number % 3 else friend,
            NewMessage(f"Line {number}"),
        )
    messaging.send(
        reader,
        friend,
        NewMessage("Look https://example.org/a/very/long/address/that/has/to/be/cut/somewhere"),
    )
    messaging.take_back(reader, messaging.send(reader, friend, NewMessage("A mistake")))
    for one, other in ((reader, friend), (friend, reader)):
        messaging.send(
            one, other, NewMessage("", [posting.Picture(_webp(), "A river in one colour")])
        )
        messaging.send(one, other, NewMessage("", voice=str(_clip(one))))
        messaging.send(one, other, NewMessage(f"http://localhost{space.get_absolute_url()}"))
    messaging.send(
        friend,
        reader,
        NewMessage("Shall we meet at the bridge over the river, where the boats are? " * 4),
    )
    messaging.send(reader, friend, NewMessage("Yes"))
    for side in conversations.inbox(reader):
        conversations.accept(side)


def _webp() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (320, 200), (18, 100, 74)).save(out, "WEBP")
    return out.getvalue()


def _clip(owner: "User") -> int:
    from posts.models import VoiceClip

    bars = [20 + 60 * (number % 5) // 4 for number in range(58)]
    return VoiceClip.objects.create(
        owner=owner,
        state="ready",
        duration_ms=7000,
        waveform=bars,
        words="ready",
        transcript="Hello by the river.",
    ).pk
