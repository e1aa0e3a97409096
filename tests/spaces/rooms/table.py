"""RULES §4 as cases: who (by role) may send which message to whom.

Written out from RULES, not from the code.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spaces.rooms import commands
from spaces.rooms.commands import RoomCommand
from spaces.rooms.state import (
    Consent,
    Invitation,
    Pin,
    PinnedPost,
    Presence,
    Role,
    Room,
    Source,
    SpeakRequest,
    SpeakRule,
)
from tests.spaces.rooms import world
from tests.spaces.rooms.world import COHOST, COHOST2, HOST, LISTENER2, SPEAKER, SPEAKER2, live_room

ACTORS = {
    "host": HOST,
    "cohost": COHOST,
    "acting host": COHOST,
    "speaker": SPEAKER,
    "listener": world.LISTENER,
    "staff": world.STAFF,
    "visitor": None,
}
POST = PinnedPost(5, "/posts/5/", SPEAKER2, "words")


@dataclass(frozen=True)
class Row:
    """One message and who may send it.

    `wire` is how a socket says it; `user` of the command is the target.
    """

    name: str
    command: RoomCommand
    wire: tuple[str, dict[str, object]]
    allowed: frozenset[str]
    room: Room

    def room_for(self, who: str) -> Room:
        """Return the room the case begins with: for an acting host one whose host is lost."""
        return without_host(self.room) if who == "acting host" else self.room


def stage(**fields: object) -> Room:
    room = live_room(cohosts=2, speakers=2, **fields)
    request = SpeakRequest(LISTENER2, "", world.NOW)
    return replace(
        room,
        requests=(request,),
        pins=(Pin(POST, by=SPEAKER2, id=7), Pin(replace(POST, id=6), SPEAKER, 8)),
    )


def removed() -> Room:
    return replace(stage(), bans={34: HOST})


def recorded() -> Room:
    """Return the room with REC on; everybody on stage has agreed."""
    room = stage()
    return replace(room, recording=True, consents={seat.user: Consent() for seat in room.seats})


def without_host(room: Room) -> Room:
    seats = (
        replace(s, presence=Presence.LOST, lost_at=world.NOW) if s.user == HOST else s
        for s in room.seats
    )
    return replace(room, seats=tuple(seats), acting_host=COHOST)


def rows() -> Iterator[Row]:
    leaders, order = "host cohost", "host cohost staff"
    stagers = "host cohost speaker"
    c = commands
    on: dict[str, object] = {"on": True}
    yield _row("talk", c.SetMicrophone(True), ("mic.set", on), stagers)
    yield _row("show oneself", c.SetCamera(True), ("camera.set", on), stagers)
    yield _row("share the screen", c.SetScreen(True), ("screen.set", on), stagers)
    report = c.ReportInterruptions((Source.MIC,))
    yield _row(
        "tell of an interruption", report, ("seat.interrupted", {"sources": ["mic"]}), stagers
    )
    yield _aimed("approve", c.ApproveRequest, "speak.approve", LISTENER2, leaders)
    yield _aimed("decline", c.DeclineRequest, "speak.decline", LISTENER2, leaders)
    invite = c.Invite(33, Role.SPEAKER)
    yield _row("invite to speak", invite, ("invite.send", {"user": 33, "role": "speaker"}), leaders)
    appoint = c.Invite(33, Role.COHOST)
    single = live_room(cohosts=1, speakers=2)
    yield _row(
        "appoint a co-host",
        appoint,
        ("invite.send", {"user": 33, "role": "cohost"}),
        "host",
        single,
    )
    yield _aimed("remove a co-host", c.RemoveCohost, "cohost.remove", COHOST2, "host")
    yield _aimed("move a speaker down", c.MoveDown, "seat.move_down", SPEAKER2, order)
    yield _aimed("move a co-host down", c.MoveDown, "seat.move_down", COHOST2, "host staff")
    yield _aimed("move the host down", c.MoveDown, "seat.move_down", HOST, "staff")
    yield _aimed("remove a listener", c.Remove, "room.remove", LISTENER2, order)
    yield _aimed("remove a speaker", c.Remove, "room.remove", SPEAKER2, order)
    yield _aimed("remove a co-host from the room", c.Remove, "room.remove", COHOST2, "host staff")
    yield _aimed("remove the host", c.Remove, "room.remove", HOST, "staff")
    yield _row(
        "let somebody in again", c.Unban(34), ("room.unban", {"user": 34}), "host staff", removed()
    )
    yield _aimed("mute a speaker", c.MuteSeat, "seat.mute", SPEAKER2, order)
    yield _aimed("mute a co-host", c.MuteSeat, "seat.mute", COHOST2, order)
    yield _aimed("mute the host", c.MuteSeat, "seat.mute", HOST, "staff")
    yield _aimed("ask to un-mute", c.AskToUnmute, "seat.ask_unmute", SPEAKER2, order)
    yield _aimed("stop a camera", c.TurnCameraOff, "seat.camera_off", SPEAKER2, order)
    yield _aimed("stop the host's camera", c.TurnCameraOff, "seat.camera_off", HOST, "staff")
    yield _row("mute all", c.MuteAll(), ("room.mute_all", {}), order)
    yield _row("lock microphones", c.LockMicrophones(True), ("room.lock_mics", on), order)
    yield _row(
        "pin a post",
        c.PinPost(replace(POST, id=9)),
        ("pin.add", {"url": "/posts/9/"}),
        stagers,
    )
    yield _row("unpin another's pin", c.RemovePin(7), ("pin.remove", {"pin": 7}), order)
    yield _row(
        "unpin the speaker's pin",
        c.RemovePin(8),
        ("pin.remove", {"pin": 8}),
        "host cohost speaker staff",
    )
    yield _row(
        "edit the title",
        c.UpdateRoom(title="Coffee"),
        ("room.update", {"title": "Coffee"}),
        "host staff",
    )
    everyone: dict[str, object] = {"speak_rule": "everyone"}
    off: dict[str, object] = {"requests_open": False}
    yield _row(
        "let everyone speak",
        c.UpdateRoom(speak_rule=SpeakRule.EVERYONE),
        ("room.update", everyone),
        "host staff",
    )
    yield _row(
        "switch requests off", c.UpdateRoom(requests_open=False), ("room.update", off), "host staff"
    )
    yield _row(
        "lock the room", c.UpdateRoom(locked=True), ("room.update", {"locked": True}), "host staff"
    )
    yield _row(
        "forbid cameras", c.UpdateRoom(video=False), ("room.update", {"video": False}), "host staff"
    )
    yield _row(
        "spotlight", c.SetSpotlight(SPEAKER2), ("spotlight.set", {"user": SPEAKER2}), leaders
    )
    yield _row("start recording", c.StartRecording(), ("recording.start", {}), "host")
    yield _row("stop recording", c.StopRecording(), ("recording.stop", {}), "host", recorded())
    yield _row("end for everyone", c.EndSpace(), ("space.end", {}), "host acting_host staff")
    yield _aimed("hand over", c.HandOver, "host.hand_over", COHOST2, "host")


def _row(
    name: str,
    command: RoomCommand,
    wire: tuple[str, dict[str, object]],
    allowed: str,
    room: Room | None = None,
) -> Row:
    """An acting host may all that a co-host may; "acting_host" is what is theirs alone."""
    who = {word.replace("_", " ") for word in allowed.split()}
    return Row(
        name,
        command,
        wire,
        frozenset(who | ({"acting host"} if "cohost" in who else set())),
        room or stage(),
    )


def _aimed(name: str, make: type[commands.Aimed], word: str, user: int, allowed: str) -> Row:
    return _row(name, make(user), (word, {"user": user}), allowed)


def invitation(user: int, role: Role, by: int = HOST) -> Invitation:
    return Invitation(user, role, by, world.NOW.replace(minute=1))
