"""Which tracks go into which stream, for the room and for each participant on stage."""

from collections.abc import Collection

from media_relay.forwarding.audio_slots import AudioSlots
from media_relay.protocol.relay import AUDIO_SLOTS, Assignment, Policy, Sources
from media_relay.speaker.detector import Detector
from media_relay.speaker.level import SILENCE_DBOV, LevelMeter

ROOM = ""  # In place of a viewer: all who share the room's streams.


class Allocator:
    """Decides from levels and the policy.

    `room` is for all listeners; `personal` for one participant, never themselves.
    """

    def __init__(self) -> None:
        self.room = Assignment()
        self.detector = Detector()
        self._audio_slots = AudioSlots(AUDIO_SLOTS)
        self._meters: dict[str, LevelMeter] = {}
        self._publishers: dict[str, Sources] = {}
        self._spotlight: str | None = None
        self._cameras: frozenset[str] = frozenset()
        self._screens: list[str] = []  # In the order in which they began.

    def set_policy(self, policy: Policy) -> None:
        """Take over who may be heard and seen.

        Takes effect with the next `update`, which the caller makes at once.
        """
        for gone in self._publishers.keys() - policy.publishers.keys():
            self.detector.remove(gone)
            self._meters.pop(gone, None)
        self._publishers = dict(policy.publishers)
        self._spotlight = policy.spotlight

    def on_audio(self, user: str, level: int | None, payload_bytes: int, now_ms: int) -> None:
        """Take a packet of sound that may be forwarded.

        `level` is the byte of RFC 6464, None without the extension.
        """
        sources = self._publishers.get(user)
        if sources is None or not sources.microphone:
            return
        meter = self._meters.get(user)
        if meter is None:
            meter = self._meters[user] = LevelMeter()
        meter.on_packet(level, payload_bytes, now_ms)
        self.detector.on_level(user, meter.dbov(now_ms), now_ms, steady=meter.is_steady(now_ms))

    def update(
        self, now_ms: int, cameras: Collection[str] = (), screens: Collection[str] = ()
    ) -> bool:
        """Decide anew and return whether `room` changed.

        `cameras` and `screens` say whose tracks are live. Called about every 50 ms, and at once
        after a new policy, a new track or the end of one. Personal assignments can change even when
        the room's does not.
        """
        self._cameras = frozenset(user for user in cameras if self._may(user).camera)
        sharing = [user for user in screens if self._may(user).screen]
        self._screens = [user for user in self._screens if user in sharing]
        self._screens += [user for user in sharing if user not in self._screens]
        self.detector.update(now_ms)
        levels: dict[str, float] = {}
        for user, sources in self._publishers.items():
            if sources.microphone:
                meter = self._meters.get(user)
                levels[user] = meter.rank_dbov(now_ms) if meter else SILENCE_DBOV
        self._audio_slots.update(levels, now_ms)
        before = self.room
        self.room = self._assign(ROOM, None)
        return self.room != before

    def personal(self, user: str, pin: str | None = None) -> Assignment:
        """Return what `user` gets in streams of their own; `pin` is whom they want to see."""
        return self._assign(user, pin)

    def _assign(self, viewer: str, pin: str | None) -> Assignment:
        screens = [user for user in self._screens if user != viewer]
        active = self.detector.last_other(viewer)
        video = None
        # Whose camera is on the viewer's stage: RULES §7.
        for wanted in (pin, self._spotlight, active):
            if wanted is not None and wanted != viewer and wanted in self._publishers:
                # With their camera off the page shows the avatar of that very person.
                video = wanted if wanted in self._cameras else None
                break
        else:
            # Nobody has spoken yet: any camera is better than none.
            video = next(
                (user for user in self._publishers if user in self._cameras and user != viewer),
                None,
            )
        return Assignment(
            audio=self._audio_slots.heard_by(viewer),
            video=video,
            screen=screens[-1] if screens else None,
            active=active,
        )

    def _may(self, user: str) -> Sources:
        return self._publishers.get(user, _NOTHING)


_NOTHING = Sources()
