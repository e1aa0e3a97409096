"""The active speaker, after Volfin & Cohen (2013).

As in their "Dominant speaker identification for multipoint videoconferencing", each speaker's
activity is kept on three time scales: the last 100 ms (immediate), the utterance in progress and
the last second (medium), the last three seconds (long). A challenger must lead on all of them.
Their likelihood scores grow with the counts they are made of, so here the counts themselves are
compared.

On top come the times of RULES §7. Someone counts after 400 ms of speech in one utterance, which a
cough never is. Once the active speaker pauses, the challenger follows at once; while both talk, or
take turns too short to pause, only a clear lead over three seconds switches. Every choice holds for
2 s. In silence the last one stays.
"""

from media_relay.speaker.level import DTX_GAP_MS, SILENCE_DBOV, SPEECH_DBOV

FRAME_MS = 20
IMMEDIATE_FRAMES = 5
LONG_FRAMES = 150
UTTERANCE_MS = 400  # So much speech counts (RULES §7).
WORD_GAP_MS = 240  # A longer pause ends the utterance; pauses between words are shorter.
# The longest sound a packet of a browser holds; speech is not counted across missing ones.
PACKET_MS = 60
PAUSE_MS = 800  # After so much silence the floor is free, so that the switch comes within a second.
HOLD_MS = 2000  # RULES §7.
LEAD = 1.5  # Over three seconds, to take the floor from one who goes on talking.
MAX_SPEAKERS = 64  # More than any stage has; nothing may grow with what peers send.
_STEP_DB = 5  # Loudness in steps, 1 at SPEECH_DBOV.


class _Activity:
    """One speaker's frames of 20 ms, as steps of loudness; 0 is no speech."""

    __slots__ = (
        "_frames",
        "_position",
        "_sounding",
        "heard_ms",
        "immediate",
        "level",
        "long",
        "spoke_ms",
        "steady",
        "utterance_ms",
    )

    def __init__(self) -> None:
        self._frames = [0] * LONG_FRAMES
        self._position = 0
        self._sounding = 0  # Frames in the ring that are not silence.
        self.level = SILENCE_DBOV  # The loudest since the last update, or the last one before.
        self.heard_ms: int | None = None  # Last packet, and last packet with speech.
        self.spoke_ms: int | None = None
        self.steady = False
        self.immediate = 0  # Sums of loudness over 100 ms and over 3 s.
        self.long = 0
        self.utterance_ms = 0  # Speech in the utterance in progress.

    def hear(self, dbov: int, now_ms: int) -> None:
        """Take one packet."""
        self.heard_ms = now_ms
        if dbov < SPEECH_DBOV:
            return
        gap = WORD_GAP_MS + 1 if self.spoke_ms is None else now_ms - self.spoke_ms
        if gap > WORD_GAP_MS:
            self.utterance_ms = 0
        else:
            self.utterance_ms += gap if gap <= PACKET_MS else FRAME_MS
        self.spoke_ms = now_ms

    def push(self, loudness: int) -> None:
        """Enter one frame."""
        frames = self._frames
        position = self._position
        if not loudness and not self._sounding:
            return  # The ring is all silence and stays so.
        self.long += loudness - frames[position]
        self.immediate += loudness - frames[position - IMMEDIATE_FRAMES]
        self._sounding += (loudness > 0) - (frames[position] > 0)
        frames[position] = loudness
        self._position = (position + 1) % LONG_FRAMES

    def advance(self, elapsed: int, now_ms: int) -> None:
        """Enter the frames since the last update; silence once the packets stay out."""
        loudness = 0
        is_heard = self.heard_ms is not None and now_ms - self.heard_ms <= DTX_GAP_MS
        if is_heard and self.level >= SPEECH_DBOV:
            loudness = (self.level - SPEECH_DBOV) // _STEP_DB + 1
        for index in range(elapsed):
            self.push(loudness if index < IMMEDIATE_FRAMES else 0)

    @property
    def counts(self) -> bool:
        """Whether this speaker speaks now and has for long enough."""
        return self.utterance_ms >= UTTERANCE_MS and self.immediate > 0

    def leads(self, incumbent: "_Activity", now_ms: int) -> bool:
        """Return whether the floor goes to this one from `incumbent`, who has it."""
        if incumbent.spoke_ms is None or now_ms - incumbent.spoke_ms >= PAUSE_MS:
            return True
        if incumbent.steady is not self.steady:
            # A voice takes the floor from a tone or a hum, and never the other way round.
            return incumbent.steady
        return self.immediate > incumbent.immediate and self.long >= LEAD * incumbent.long


class Detector:
    """Follows who speaks. `active` is None until one has spoken for 400 ms."""

    def __init__(self) -> None:
        self.active: str | None = None
        # All users who were active, the latest first; those who left are not in it.
        self.recent: list[str] = []
        self._speakers: dict[str, _Activity] = {}
        self._frame = -1
        self._switched_ms: int | None = None

    def on_level(self, user: str, dbov: int, now_ms: int, *, steady: bool = False) -> None:
        """Take the loudness of one audio packet; `steady` is a sound that no voice makes."""
        speaker = self._speakers.get(user)
        if speaker is None:
            if len(self._speakers) >= MAX_SPEAKERS:
                return
            speaker = self._speakers[user] = _Activity()
        # Several packets may come between two updates: the loudest stands for them.
        fresh = speaker.heard_ms is not None and speaker.heard_ms // FRAME_MS > self._frame
        speaker.level = max(speaker.level, dbov) if fresh else dbov
        speaker.steady = steady
        speaker.hear(dbov, now_ms)

    def remove(self, user: str) -> None:
        """`user` left the stage; the last active one who is still there takes the place."""
        self._speakers.pop(user, None)
        if user in self.recent:
            self.recent.remove(user)
        if user == self.active:
            self.active = self.recent[0] if self.recent else None
            self._switched_ms = None

    def update(self, now_ms: int) -> bool:
        """Move on to `now_ms` and return whether `active` changed. Called every 20 to 100 ms."""
        frame = now_ms // FRAME_MS
        elapsed = min(frame - self._frame, LONG_FRAMES) if self._frame >= 0 else 1
        if elapsed <= 0:
            return False
        self._frame = frame
        for speaker in self._speakers.values():
            speaker.advance(elapsed, now_ms)
        if self._switched_ms is not None and now_ms - self._switched_ms < HOLD_MS:
            return False
        incumbent = self._speakers.get(self.active) if self.active is not None else None
        able: list[tuple[int, int, str]] = []
        for user, speaker in self._speakers.items():
            if user == self.active or not speaker.counts:
                continue
            if incumbent is None or speaker.leads(incumbent, now_ms):
                able.append((speaker.immediate, speaker.long, user))
        if not able:
            return False
        challenger = max(able)[2]
        self.active = challenger
        self._switched_ms = now_ms
        if challenger in self.recent:
            self.recent.remove(challenger)
        self.recent.insert(0, challenger)
        return True

    def last_other(self, user: str) -> str | None:
        """Return who was active last, apart from `user`."""
        return next((other for other in self.recent if other != user), None)
