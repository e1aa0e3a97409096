"""Who listens to one room: looked at now and then, told when it has changed."""

from dataclasses import replace

from accounts.realtime.threads import in_thread
from spaces.consumers import presence
from spaces.consumers.reactions import BIG_ROOM, SMALL_ROOM
from spaces.rooms import snapshot
from spaces.rooms.messages import ListenersChangedMessage
from spaces.rooms.shapes import PersonView
from spaces.rooms.state import Person
from spaces.services import participants

FACES = 24  # Everyone else is in the list of people, which a page asks for when it is opened.
# In a crowd one more is no news, and each news goes to all.
SMALL_EVERY_S, MIDDLE_EVERY_S, BIG_EVERY_S = 1.0, 3.0, 5.0


class Listeners:
    """`count` and `sample` as they were told last."""

    def __init__(self, space: str) -> None:
        self._space = space
        self.count = 0
        self.sample: tuple[Person, ...] = ()
        self._ids: list[int] | None = None
        self._looked_at: float | None = None
        self._is_stale = False

    def on_renamed(self, person: PersonView) -> None:
        """Show a person as they are called and look now; sockets have been told."""
        self.sample = tuple(
            replace(
                one,
                handle=person.handle,
                name=person.name,
                avatar=person.avatar,
                url=person.url,
            )
            if one.id == person.id
            else one
            for one in self.sample
        )
        # A look that is under way may have read what they were called before.
        self._is_stale = True

    async def look(self, stage: list[int], now: float) -> ListenersChangedMessage | None:
        """Return the message for all sockets, None if there is nothing new or it is too early to
        look again.

        Raises RedisError and DatabaseError. `now` is monotonic seconds.
        """
        if self._looked_at is not None and now - self._looked_at < look_every_s(self.count):
            return None
        count, ids = await presence.listening(self._space, stage)
        self._looked_at = now
        sample = self.sample
        is_stale, self._is_stale = self._is_stale, False
        if ids != self._ids or is_stale:
            here = set(ids)
            # Faces are in the order in which people first came, so the database is asked only if
            # a place is free or a face that is shown has left.
            is_short = len(sample) < FACES
            if is_stale or is_short or any(person.id not in here for person in sample):
                found = await in_thread(participants.first_listeners, self._space, ids, FACES)
                sample = tuple(found)
        before, self.count, self._ids = (self.count, self.sample), count, ids
        self.sample = sample
        if before == (count, sample):
            return None
        if sample == before[1]:
            # Twenty-four faces are most of the message, and it goes to every socket.
            return ListenersChangedMessage(count)
        return ListenersChangedMessage(count, snapshot.listeners(count, sample).sample)


def look_every_s(listeners: int) -> float:
    if listeners > BIG_ROOM:
        return BIG_EVERY_S
    return MIDDLE_EVERY_S if listeners > SMALL_ROOM else SMALL_EVERY_S
