"""What one socket shows of its room: the snapshot, then each change, in order and once; and how it
ends when the viewer may see no more.
"""

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial

import msgspec
from django.conf import settings
from django.utils import translation

from accounts.realtime.socket import CloseCode
from spaces.consumers import phases
from spaces.consumers.hub import RoomHub, SnapshotMaker
from spaces.consumers.media import MediaLink
from spaces.consumers.phases import SocketPhase
from spaces.consumers.relay_events import RelayEvents
from spaces.rooms import service, snapshot
from spaces.rooms.actor import VISITOR, Actor
from spaces.rooms.encoding import Change
from spaces.rooms.errors import ErrorCode, RoomError
from spaces.rooms.messages import Answer, ErrorMessage, RemovedMessage
from spaces.rooms.state import Room


class RoomDisplay(RelayEvents):
    """The half of a room socket that shows the room."""

    def __init__(self) -> None:
        super().__init__()
        self.space = ""
        self.user: int | None = None
        self.actor: Actor = VISITOR
        self.phase = SocketPhase.ENTERING
        self._hub: RoomHub | None = None
        self._media: MediaLink | None = None
        # As this socket was told last.
        self._rev = 0
        self._stage: Mapping[str, str] = {}
        self._room_phase = ""
        self._early: list[tuple[Change, list[str]]] = []

    @property
    @abstractmethod
    def is_busy(self) -> bool:
        """True while the answer to something that the viewer asked is still to come."""

    @property
    def hub(self) -> RoomHub:
        assert self._hub is not None, "Nothing is done before the room was entered."
        return self._hub

    @property
    def media(self) -> MediaLink:
        assert self._media is not None, "No relay answers before the room was entered."
        return self._media

    # --- the room ---------------------------------------------------------------------------------

    def _show(
        self, room: Room, ref: str | None = None, snapshot_for: SnapshotMaker | None = None
    ) -> None:
        """Send the room as it is, then what happened since it was read."""
        snapshot_for = snapshot_for or partial(snapshot.snapshot, room, moment=self.hub.moment)
        self.hub.on_room(room)
        self._stage = {str(seat.user): seat.role.value for seat in room.seats}
        self._room_phase = room.phase.value
        self._rev = room.rev
        self.answer(ref, snapshot_for(self.actor.as_of(room)))
        self._come_to(SocketPhase.IN_ROOM)
        early = self._early
        self._early = []
        for change, texts in early:
            # A removal is also heard if the snapshot has it: the socket was let in before it.
            if change.rev > room.rev or change.removed:
                self.on_change(change, texts)

    def push_text(self, text: str) -> None:
        """Send what the hub has encoded for all; what comes before the snapshot is in it."""
        if self.phase is not SocketPhase.ENTERING:
            self.send_queue.put(text)

    def show_again(self, room: Room, snapshot_for: SnapshotMaker) -> None:
        """Show the room to a viewer who has missed a change, or a removal: then they go."""
        if self.phase is not SocketPhase.IN_ROOM:  # One that is entering reads it by itself.
            return
        try:
            service.check_may_enter(room, self.actor)
        except RoomError as error:
            if self.user in room.bans:
                self.push(RemovedMessage())
            self._cut_media("removed")
            self._turn_away(error)
            return
        self._show(room, snapshot_for=snapshot_for)

    def on_change(self, change: Change, texts: list[str]) -> None:
        if self.phase is SocketPhase.ENTERING:
            self._early.append((change, texts))
            return
        # A change that was given up as lost may still come.
        if change.rev >= self._rev:
            self._rev, self._stage, self._room_phase = change.rev, change.stage, change.phase
        for text in texts:
            self.send_queue.put(text)
        if self.user is not None and self.user in change.removed:
            self._cut_media("removed")
            self._end(SocketPhase.LEAVING, CloseCode.NOT_AVAILABLE)
        elif change.is_over:
            self._cut_media("ended")
            self._come_to(SocketPhase.ENDED)
            # The host who ended the room still gets the answer to that: the event may be faster.
            if not self.is_busy:
                self._end(SocketPhase.LEAVING, CloseCode.ENDED)

    # --- how it ends ------------------------------------------------------------------------------

    def _turn_away(self, error: RoomError) -> None:
        self.refuse(None, error.code)
        self._end(SocketPhase.LEAVING, phases.close_code_for(error.code))

    def _come_to(self, phase: SocketPhase) -> None:
        self.phase = phases.after(self.phase, phase)

    def _end(self, phase: SocketPhase, code: CloseCode) -> None:
        """Close the socket after what is queued."""
        self._come_to(phase)
        self.send_queue.close(code)

    def _cut_media(self, reason: str) -> None:
        """End the media now, whatever waits to be sent to the socket."""
        if self._media is not None:
            self.begin(self._media.close(reason), "cut")

    # --- answers ----------------------------------------------------------------------------------

    def answer(self, ref: str | None, message: Answer) -> None:
        self.push(message if ref is None else msgspec.structs.replace(message, ref=ref))

    def refuse(self, ref: str | None, code: ErrorCode) -> None:
        with translation.override(self.login.language or settings.LANGUAGE_CODE):
            sentence = RoomError(code).text
        self.answer(ref, ErrorMessage(code, sentence))
