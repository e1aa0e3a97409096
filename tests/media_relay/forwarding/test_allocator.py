import pytest
from msgspec.structs import replace

from media_relay.forwarding.allocator import Allocator
from media_relay.protocol.relay import Assignment, Policy, Sources

ON = Sources(microphone=True, camera=True, screen=True)
STAGE = ("host", "ayu", "budi", "citra", "dewa")


def policy(*users: str, spotlight: str | None = None, **special: Sources) -> Policy:
    return Policy("space", 1, {user: special.get(user, ON) for user in users}, spotlight)


class Stage:
    """An allocator and its clock."""

    def __init__(self, *users: str) -> None:
        self.allocator = Allocator()
        self.allocator.set_policy(policy(*users))
        self.users = users
        self.cameras: set[str] = set(users)
        self.screens: list[str] = []
        self.now = 0
        self.changes = 0

    def talk(self, user: str | None, ms: int) -> Assignment:
        """Let `user` talk and the others be silent, and return the room's assignment."""
        for _ in range(ms // 20):
            self.now += 20
            for other in self.users:
                level = 20 + self.now // 20 % 9 if other == user else 75
                self.allocator.on_audio(other, level, 80, self.now)
            self.changes += self.update()
        return self.allocator.room

    def update(self) -> bool:
        return self.allocator.update(self.now, self.cameras, self.screens)


def test_it_assigns_nobody_on_an_empty_stage() -> None:
    stage = Stage()
    assert not stage.update()
    assert stage.allocator.room == Assignment()


def test_it_shows_the_hosts_camera_before_anybody_has_spoken() -> None:
    stage = Stage("host", "ayu")
    assert stage.update()
    assert stage.allocator.room == Assignment(("host", "ayu", None), "host", None, None)


def test_it_follows_who_speaks_and_stays_in_silence() -> None:
    stage = Stage(*STAGE)
    assert stage.talk("ayu", 1500).video == "ayu"
    assert stage.talk("budi", 3000).video == "budi"
    assert stage.talk(None, 10_000).video == "budi"
    assert stage.allocator.room.active == "budi"


def test_it_shows_no_picture_rather_than_somebody_elses() -> None:
    stage = Stage(*STAGE)
    stage.cameras = {"host", "budi"}
    room = stage.talk("ayu", 1500)
    assert (room.video, room.active) == (None, "ayu")
    stage.cameras.add("ayu")
    stage.update()
    assert stage.allocator.room.video == "ayu"


def test_it_hears_somebody_new_within_their_first_words() -> None:
    stage = Stage(*STAGE)
    stage.talk(None, 3000)
    quiet = next(user for user in STAGE if user not in stage.allocator.room.audio)
    assert quiet in stage.talk(quiet, 100).audio


def test_it_prefers_the_spotlight_to_who_speaks() -> None:
    stage = Stage(*STAGE)
    stage.allocator.set_policy(policy(*STAGE, spotlight="citra"))
    room = stage.talk("ayu", 2000)
    assert (room.video, room.active) == ("citra", "ayu")
    stage.cameras.discard("citra")
    stage.update()
    assert stage.allocator.room.video is None
    stage.allocator.set_policy(policy("host", "ayu", "budi", spotlight="citra"))
    stage.update()
    assert stage.allocator.room.video == "ayu"  # The spotlight left the stage.


def test_it_never_gives_anybody_themselves() -> None:
    stage = Stage(*STAGE)
    stage.screens = ["host", "ayu"]
    for user in ("ayu", "budi", "host"):
        stage.talk(user, 2500)
        for viewer in STAGE:
            own = stage.allocator.personal(viewer)
            assert viewer not in (*own.audio, own.video, own.screen, own.active)


def test_it_gives_a_speaker_the_three_loudest_others() -> None:
    stage = Stage(*STAGE)
    stage.talk("ayu", 1500)
    own = stage.allocator.personal("ayu")
    assert None not in own.audio
    assert len(set(own.audio)) == 3


def test_it_shows_the_active_speaker_who_was_last_before_themselves() -> None:
    stage = Stage(*STAGE)
    stage.talk("ayu", 2500)
    stage.talk("budi", 2500)
    assert stage.allocator.personal("budi").video == "ayu"
    assert stage.allocator.personal("budi").active == "ayu"
    assert stage.allocator.personal("ayu").video == "budi"


def test_it_shows_somebody_alone_on_stage_nothing() -> None:
    stage = Stage("host")
    stage.talk("host", 2000)
    assert stage.allocator.room.video == "host"
    assert stage.allocator.personal("host") == Assignment()


def test_it_lets_a_viewers_pin_win() -> None:
    stage = Stage(*STAGE)
    stage.allocator.set_policy(policy(*STAGE, spotlight="citra"))
    stage.talk("ayu", 2000)
    pinned = stage.allocator.personal("budi", pin="dewa")
    assert pinned.video == "dewa"
    assert stage.allocator.personal("", pin="dewa").video == "dewa"
    assert stage.allocator.personal("budi", pin="budi").video == "citra"
    assert stage.allocator.personal("budi", pin="nobody here").video == "citra"
    stage.cameras.discard("dewa")
    stage.update()
    assert stage.allocator.personal("budi", pin="dewa").video is None


@pytest.mark.parametrize("kind", ["microphone", "camera", "screen"])
def test_it_assigns_nothing_the_policy_does_not_allow(kind: str) -> None:
    stage = Stage("ayu", "budi")
    stage.screens = ["ayu"]
    stage.talk("ayu", 2000)
    stage.allocator.set_policy(policy("ayu", "budi", ayu=replace(ON, **{kind: False})))
    stage.update()
    room = stage.allocator.room
    got = {
        "microphone": "ayu" in room.audio,
        "camera": room.video == "ayu",
        "screen": room.screen == "ayu",
    }
    assert got == {name: name != kind for name in got}


def test_it_hears_nothing_of_somebody_who_is_muted_or_not_on_stage() -> None:
    stage = Stage("ayu", "budi")
    stage.allocator.set_policy(policy("ayu", "budi", ayu=Sources()))
    stage.talk("ayu", 3000)
    assert stage.allocator.room.active is None
    for now in range(3000, 5000, 20):
        stage.allocator.on_audio("stranger", 20, 80, now)
    stage.update()
    assert "stranger" not in stage.allocator.room.audio


def test_it_forgets_who_left_and_shows_the_one_before() -> None:
    stage = Stage(*STAGE)
    stage.talk("ayu", 2500)
    stage.talk("budi", 2500)
    stage.allocator.set_policy(policy("host", "ayu", "citra"))
    stage.update()
    room = stage.allocator.room
    assert "budi" not in room.audio
    assert (room.video, room.active) == ("ayu", "ayu")


def test_it_shows_the_screen_that_was_shared_last() -> None:
    stage = Stage(*STAGE)
    for screens, expected in [
        (["ayu"], "ayu"),
        (["ayu", "budi"], "budi"),
        (["budi", "ayu"], "budi"),  # The order of the list says nothing.
        (["ayu"], "ayu"),
        ([], None),
    ]:
        stage.screens = screens
        stage.update()
        assert stage.allocator.room.screen == expected


def test_it_tells_a_change_once() -> None:
    stage = Stage("ayu", "budi")
    stage.update()
    stage.talk("ayu", 10_000)
    assert stage.changes == 1


def test_it_does_not_let_a_lie_about_the_level_take_the_picture() -> None:
    stage = Stage("ayu", "liar")
    for _ in range(1000):
        stage.now += 20
        stage.allocator.on_audio("ayu", 28 + stage.now // 20 % 9, 80, stage.now)
        stage.allocator.on_audio("liar", 0x80, 80, stage.now)
        stage.update()
    assert stage.allocator.room.active == "ayu"
