"""What one viewer may ask about a room beside its snapshot: lists of people."""

from accounts.realtime.threads import in_thread
from spaces.consumers import presence
from spaces.rooms import permissions, service, snapshot
from spaces.rooms.actor import Actor
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.messages import BansMessage, LeftMessage, PeopleMessage
from spaces.rooms.permissions import Privilege
from spaces.rooms.shapes import BannedPersonView, LeftPersonView, ListedPersonView
from spaces.services import participants


async def people(space: str, actor: Actor, stage: list[int], after: int) -> PeopleMessage:
    """Return a page of the listeners; `after` is the `next` of the page before."""
    _, here = await presence.listening(space, stage)
    listeners, following = await in_thread(
        participants.listeners_page, actor.id, space, here, after
    )
    listed = tuple(
        ListedPersonView(snapshot.person(each.person), each.relation, each.role)
        for each in listeners
    )
    return PeopleMessage(listed, following)


async def bans(space: str, actor: Actor) -> BansMessage:
    """Return who was removed, for those who may let them in again."""
    await _require(space, actor, Privilege.UNBAN)
    removed = await in_thread(participants.removed_from, space)
    return BansMessage(
        tuple(
            BannedPersonView(
                user=snapshot.person(each.person),
                by=snapshot.person(each.by) if each.by else None,
                at=each.at,
            )
            for each in removed
        )
    )


async def recently_left(space: str, actor: Actor, stage: list[int]) -> LeftMessage:
    """Return who was here and is gone, for those who may still remove them."""
    await _require(space, actor, Privilege.REMOVE)
    # Presence knows who is here, the database who came: the others have left.
    _, here = await presence.listening(space, stage)
    left = await in_thread(participants.recently_left, space, [*here, *stage])
    return LeftMessage(tuple(LeftPersonView(snapshot.person(person)) for person in left))


async def _require(space: str, actor: Actor, action: Privilege) -> None:
    room = await in_thread(service.get_room_for, space, actor)
    if not permissions.may(room, actor.as_of(room), action):
        raise RoomError(ErrorCode.NOT_ALLOWED if actor.id is not None else ErrorCode.LOG_IN)
